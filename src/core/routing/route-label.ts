/**
 * Returns what metrics call a route: its name. Only the routes of one rule of an HTTPRoute are
 * counted as one: behind a colon stands which of them it is, and no other name has a colon.
 */
export function routeLabel(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon === -1 ? name : name.slice(0, colon);
}
