import type { Failure } from '#core/exchange/failure';

/** An exchange that ends with a failure we know by name. */
export class Failed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failed';
    this.failure = failure;
  }
}

/** What undici's and Node's error codes mean for an exchange whose connection stood. */
const failureByCode: Readonly<Record<string, Failure>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'response_timeout',
  UND_ERR_BODY_TIMEOUT: 'idle_timeout',
  UND_ERR_SOCKET: 'upstream_reset',
  ECONNRESET: 'upstream_reset',
  EPIPE: 'upstream_reset',
  UND_ERR_HEADERS_OVERFLOW: 'upstream_malformed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream_malformed',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'bad_request',
};

/** Returns the name of what went wrong upstream. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  const code = codeOf(error);
  const known = failureByCode[code];
  if (known !== undefined) return known;
  if (code.startsWith('ERR_SSL_')) return 'tls_failure';
  if (isNotConnected(error)) return 'connect_failure';
  const isMalformed = error instanceof Error && error.name === 'HTTPParserError';
  return isMalformed ? 'upstream_malformed' : 'internal';
}

/** Whether no connection came about: nothing was sent, so that another endpoint may be asked. */
export function isNotConnected(error: unknown): boolean {
  if (error instanceof Failed) return error.failure === 'tls_failure';
  if (codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT' || error instanceof AggregateError) return true;
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

/** Returns why an https endpoint could not be connected to: what TCP is not to blame for, TLS is. */
export function notConnected(error: Error): Error {
  if (isNotConnected(error)) return error;
  return new Failed('tls_failure', error.message, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
