/** Who caused a failure. */
export type Side = 'downstream' | 'upstream' | 'turnout';

/**
 * Every way an exchange may end without an upstream's whole answer.
 *
 * The word is the same in the log, the metric's label, the answer's body and the
 * reference, and never changes once released. Status 0: nothing can be sent any more. The
 * message is what the client is told: no names, no addresses.
 */
export const failures = {
  no_route: {
    status: 404,
    side: 'downstream',
    message: 'no route takes this host and path',
  },
  bad_request: {
    status: 400,
    side: 'downstream',
    message: 'the request is ambiguous or malformed',
  },
  request_timeout: {
    status: 408,
    side: 'downstream',
    message: 'the request did not arrive in time',
  },
  body_too_large: {
    status: 413,
    side: 'downstream',
    message: 'the body is longer than is taken here',
  },
  client_disconnect: {
    status: 0,
    side: 'downstream',
    message: 'the client went away',
  },
  connect_failure: {
    status: 502,
    side: 'upstream',
    message: 'the service could not be reached',
  },
  connect_timeout: {
    status: 504,
    side: 'upstream',
    message: 'the service could not be reached in time',
  },
  tls_failure: {
    status: 502,
    side: 'upstream',
    message: 'no secure connection to the service could be made',
  },
  response_timeout: {
    status: 504,
    side: 'upstream',
    message: 'the service did not answer in time',
  },
  upstream_reset: {
    status: 502,
    side: 'upstream',
    message: 'the service ended the connection before it answered',
  },
  upstream_malformed: {
    status: 502,
    side: 'upstream',
    message: 'the service sent an answer that is not valid HTTP',
  },
  idle_timeout: {
    status: 504,
    side: 'upstream',
    message: 'the service stopped in the middle of the exchange',
  },
  total_timeout: {
    status: 504,
    side: 'upstream',
    message: 'the exchange took longer than allowed here',
  },
  hold_timeout: {
    status: 503,
    side: 'upstream',
    message: 'no version became able to serve in time',
  },
  no_endpoint: {
    status: 503,
    side: 'upstream',
    message: 'no version of this service takes requests',
  },
  invalid_backend: {
    status: 500,
    side: 'turnout',
    message: 'the route leads to nothing that could be asked',
  },
  overflow: {
    status: 503,
    side: 'turnout',
    message: 'too many requests are waiting for this service',
  },
  fault: {
    status: 503,
    side: 'turnout',
    message: 'this failure is a rehearsal',
  },
  shed: {
    status: 503,
    side: 'turnout',
    message: 'the proxy has more to do than it can',
  },
  internal: {
    status: 500,
    side: 'turnout',
    message: 'the proxy made a mistake',
  },
} as const satisfies Record<
  string,
  { readonly status: number; readonly side: Side; readonly message: string }
>;

export type Failure = keyof typeof failures;
