import type { Failure } from '#core/exchange/failure';

/** What a failure means, in the words the client is told: no names, no addresses. */
export const explanations: Readonly<Record<Failure, string>> = {
  no_route: 'no route takes this host and path',
  bad_request: 'the request is ambiguous or malformed',
  body_too_large: 'the body is larger than allowed here',
  request_timeout: 'the request did not arrive in time',
  client_disconnect: 'the client went away',
  upgrade_refused: 'this proxy does not upgrade connections yet',
  connect_failure: 'the service could not be reached',
  connect_timeout: 'the service could not be reached in time',
  response_timeout: 'the service did not answer in time',
  upstream_reset: 'the service ended the connection before it answered',
  upstream_malformed: 'the service sent an answer that is not valid HTTP',
  idle_timeout: 'the service stopped in the middle of the exchange',
  total_timeout: 'the exchange took longer than allowed here',
  hold_timeout: 'no version became able to serve in time',
  no_endpoint: 'no version of this service takes requests',
  overflow: 'too many requests are waiting for this service',
  shed: 'the proxy has more work than it can do',
  loop: 'the request has been through this proxy too often',
  internal: 'the proxy made a mistake',
};
