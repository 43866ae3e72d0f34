import { bytesOf } from '#core/conditions/byte-text';
import { fromBase64url, toBase64url } from './base64url.ts';
import { equalInConstantTime } from './constant-time.ts';
import type { Mac } from './mac.ts';

export const defaultTokenTtlSeconds = 24 * 3600;
/** A token that lives longer is refused, whoever signed it. */
export const maxTokenTtlSeconds = 7 * 24 * 3600;

export interface TokenRequest {
  readonly keyId: string;
  readonly route: string;
  readonly version: string;
  /** The host the token is good for: lower case, without port. */
  readonly host: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** Letters, digits, '-' and '_': makes two tokens for the same thing differ. */
  readonly nonce: string;
}

/** `no_token`: the text is something else, such as the name of a version. */
export const tokenRefusals = [
  'no_token',
  'unknown_key',
  'bad_signature',
  'other_route',
  'expired',
  'too_long',
] as const;
export type TokenRefusal = (typeof tokenRefusals)[number];

/**
 * Returns a token `v1.<key>.<route>.<version>.<exp>.<nonce>.<mac>` by which anybody may reach
 * a version until it expires; undefined where there is no such key.
 */
export function overrideToken(request: TokenRequest, mac: Mac): string | undefined {
  const { keyId, expiresAt, nonce } = request;
  const names = `${toBase64url(bytesOf(request.route))}.${toBase64url(bytesOf(request.version))}`;
  const claim = `v1.${keyId}.${names}.${expiresAt}.${nonce}`;
  const signature = mac(keyId, signedText(claim, request.host));
  return signature === undefined ? undefined : `${claim}.${signature}`;
}

/** Whether a text means to be a token and not the name of a version. */
export function isToken(text: string): boolean {
  return tokenShape.test(text);
}

const tokenShape =
  /^(v1\.([\w-]{1,64})\.([\w-]+)\.([\w-]+)\.(\d{1,12})\.[\w-]{1,64})\.([\w-]{1,128})$/;

/** Returns when a token ends, in seconds since 1970; 0 for a text that is none. */
export function tokenExpiresAt(token: string): number {
  return Number(tokenShape.exec(token)?.[5] ?? 0);
}

/**
 * Returns the version (its name in bytes) that a token asks for, or why it is not believed for
 * this route and host. The signature is looked at first, so that nobody learns anything by a
 * token he made up.
 */
export function versionOfToken(
  route: string,
  token: string,
  host: string,
  ports: { readonly mac: Mac; readonly epochMs: () => number },
): { readonly kind: 'version'; readonly version: string } | Refused {
  const parts = tokenShape.exec(token);
  if (parts === null) return refused('no_token');
  const [, claim = '', keyId = '', routePart, versionPart = '', expiry, signature = ''] = parts;
  const expected = ports.mac(keyId, signedText(claim, host));
  if (expected === undefined) return refused('unknown_key');
  if (!equalInConstantTime(signature, expected)) return refused('bad_signature');
  if (routePart !== toBase64url(bytesOf(route))) return refused('other_route');
  const leftSeconds = Number(expiry) - ports.epochMs() / 1000;
  if (leftSeconds <= 0) return refused('expired');
  if (leftSeconds > maxTokenTtlSeconds) return refused('too_long');
  const version = fromBase64url(versionPart);
  return version === undefined ? refused('no_token') : { kind: 'version', version };
}

interface Refused {
  readonly kind: 'refused';
  readonly refusal: TokenRefusal;
}

function refused(refusal: TokenRefusal): Refused {
  return { kind: 'refused', refusal };
}

/** The host is signed but not told: a token that leaks is of no use at another host. */
function signedText(claim: string, host: string): string {
  return `turnout-override\n${host}\n${claim}`;
}
