import { bytesOf } from '#core/conditions/byte-text';
import { toBase64url } from './base64url.ts';
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

export type TokenRefusal = 'unknown_key' | 'bad_signature' | 'other_route' | 'expired' | 'too_long';

/** A token taken apart; nothing in it is believed yet. */
export interface Token {
  readonly keyId: string;
  readonly routePart: string;
  /** The version's name as `tokenPart` writes it. */
  readonly versionPart: string;
  readonly expiresAt: number;
  /** What is signed, but for the host. */
  readonly claim: string;
  readonly signature: string;
}

/**
 * Returns a token `v1.<key>.<route>.<version>.<exp>.<nonce>.<mac>` by which anybody may reach
 * a version until it expires; undefined where there is no such key.
 */
export function overrideToken(request: TokenRequest, mac: Mac): string | undefined {
  const { keyId, expiresAt, nonce } = request;
  const names = `${tokenPart(request.route)}.${tokenPart(request.version)}`;
  const claim = `v1.${keyId}.${names}.${expiresAt}.${nonce}`;
  const signature = mac(keyId, signedText(claim, request.host));
  return signature === undefined ? undefined : `${claim}.${signature}`;
}

/** Returns a name as it stands in a token. */
export function tokenPart(name: string): string {
  return toBase64url(bytesOf(name));
}

/** Returns the token that a text is, or undefined for a text that is none, such as a name. */
export function readToken(text: string): Token | undefined {
  const parts = tokenShape.exec(text);
  if (parts === null) return undefined;
  const [, claim = '', keyId = '', routePart = '', versionPart = '', expiry, signature = ''] =
    parts;
  return { keyId, routePart, versionPart, expiresAt: Number(expiry), claim, signature };
}

const tokenShape =
  /^(v1\.([\w-]{1,64})\.([\w-]+)\.([\w-]+)\.(\d{1,12})\.[\w-]{1,64})\.([\w-]{1,128})$/;

/**
 * Returns why a token is not believed for a route and host, or undefined where it is. The
 * signature is looked at first, so that nobody learns anything by a token he made up.
 */
export function refusalOfToken(
  token: Token,
  route: string,
  host: string,
  ports: { readonly mac: Mac; readonly epochMs: () => number },
): TokenRefusal | undefined {
  const expected = ports.mac(token.keyId, signedText(token.claim, host));
  if (expected === undefined) return 'unknown_key';
  if (!equalInConstantTime(token.signature, expected)) return 'bad_signature';
  if (token.routePart !== tokenPart(route)) return 'other_route';
  const leftSeconds = token.expiresAt - ports.epochMs() / 1000;
  if (leftSeconds <= 0) return 'expired';
  return leftSeconds > maxTokenTtlSeconds ? 'too_long' : undefined;
}

/** The host is signed but not told: a token that leaks is of no use at another host. */
function signedText(claim: string, host: string): string {
  return `turnout-override\n${host}\n${claim}`;
}
