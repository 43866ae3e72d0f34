import { type Failure, failures } from '#core/exchange/failure';
import { type Refusal, refusals } from '#core/http1/refusal';

/** An answer that Turnout gives itself. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a failure means, in the words the client is told: no names, no addresses. */
const explanations: Readonly<Record<Failure, string>> = {
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

/** Returns the answer for a failure: its code and what it means, never an echo or an address. */
export function failureAnswer(code: Failure): Answer {
  const headers = code === 'hold_timeout' || code === 'overflow' ? { 'retry-after': '1' } : {};
  // A status of 0 means that nobody is there to be told.
  const status = failures[code].status || 500;
  return {
    status,
    headers: { ...headers, ...json },
    body: bodyOf(status, code, explanations[code]),
  };
}

/** Returns the answer to a request whose head is refused. Its connection is not used again. */
export function refusalAnswer(code: Refusal): Answer {
  const { status, message } = refusals[code];
  const allow = status === 405 ? { allow: allowed } : {};
  const headers = { ...json, ...allow, connection: 'close' };
  return { status, headers, body: bodyOf(status, code, message) };
}

export function redirectAnswer(status: number, location: string): Answer {
  return { status, headers: { location }, body: '' };
}

/** To a question that is for us and nothing behind us (RFC 9110 section 7.6.2). */
export const ownOptionsAnswer: Answer = {
  status: 204,
  headers: { allow: 'GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH' },
  body: '',
};

const allowed = 'GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH';
const json = { 'content-type': 'application/json' } as const;

function bodyOf(status: number, error: string, message: string): string {
  return `${JSON.stringify({ error, status, message })}\n`;
}
