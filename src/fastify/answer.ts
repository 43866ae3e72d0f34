import { type Failure, failures } from '#core/exchange/failure';
import { type Refusal, refusals } from '#core/http1/refusal';

/** An answer that Turnout gives itself. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns the answer for a failure: its code and what it means, never an echo or an address. */
export function failureAnswer(code: Failure): Answer {
  const headers = code === 'hold_timeout' || code === 'overflow' ? { 'retry-after': '1' } : {};
  // A status of 0 means that nobody is there to be told.
  const status = failures[code].status || 500;
  return {
    status,
    headers: { ...headers, ...json },
    body: bodyOf(status, code, failures[code].message),
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
