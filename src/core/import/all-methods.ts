/** Other proxies copy whatever comes; Turnout by itself copies what changes nothing. */
export const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
