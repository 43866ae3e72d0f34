import type { Scheme } from './when.ts';

/**
 * The part of a request that conditions and the unit may look at.
 *
 * Texts hold one character per byte as received (latin1): two requests with the same
 * bytes have the same facts, whatever encoding their client meant.
 */
export interface Facts {
  /** As received; methods are case sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** Lower case, without port and trailing dot; '' where an HTTP/1.0 request names none. */
  readonly host: string;
  /** The matched path: dot segments taken out, unreserved escapes decoded, slash runs merged. */
  readonly path: string;
  /** What follows the '?', not decoded; '' where there is none. */
  readonly query: string;
  /** Address of the client, after the trusted-proxy rule. */
  readonly client: string;
  /** How the client speaks, after the trusted-proxy rule. */
  readonly scheme: Scheme;
  /** Value of a field by its lower-case name; repeated lines joined by ', ' (Cookie: '; '). */
  header(name: string): string | undefined;
  /** Value of the first cookie of this name, not decoded; quotes around it are kept. */
  cookie(name: string): string | undefined;
}
