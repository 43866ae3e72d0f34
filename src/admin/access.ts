import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { cidrSet } from '#core/address/cidr-set';

/** Who may change something, and see what only they may. */
export interface AccessPorts {
  /** The tokens that are believed now; empty: nobody has one. */
  readonly tokens: () => Promise<readonly string[]>;
  /** Whether requests from this machine need none. */
  readonly trustsLoopback: boolean;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** Why a request is not let in. */
export interface Denial {
  readonly status: 401 | 403 | 429;
  readonly code:
    | 'token_needed'
    | 'token_unknown'
    | 'not_allowed'
    | 'cross_site'
    | 'too_many_tokens';
  readonly detail: string;
}

/** What a request that wants to change something shows of where it comes from. */
type Asking = Pick<IncomingMessage, 'headers' | 'socket'>;

const isLoopback = cidrSet(['127.0.0.0/8', '::1']);
const maxBad = 10;
const badWithinMs = 60_000;
/** Addresses whose bad tokens are counted at once. */
const maxAddresses = 1_000;

/**
 * Returns who is let in: from this machine without a token, unless that is not trusted, from
 * elsewhere with one. An address that has shown ten bad tokens is not asked again for a minute.
 */
export function gatekeeper({ tokens, trustsLoopback, now }: AccessPorts) {
  const bad = new Map<string, { count: number; readonly sinceAt: number }>();

  return async (asking: Asking): Promise<Denial | undefined> => {
    const address = addressOf(asking);
    if (trustsLoopback && isFromHere(asking)) return undefined;
    if (isTired(address)) {
      const detail = 'ten bad tokens within a minute came from this address; wait for one';
      return { status: 429, code: 'too_many_tokens', detail };
    }
    const known = await tokens();
    const given = tokenOf(asking.headers.authorization);
    if (known.length === 0) return noTokens;
    if (given === undefined) return noneGiven;
    if (isOneOf(known, given)) return undefined;
    count(address);
    return { status: 401, code: 'token_unknown', detail: 'this bearer token is not one of ours' };
  };

  function isTired(address: string): boolean {
    const counted = bad.get(address);
    if (counted === undefined) return false;
    if (now() - counted.sinceAt >= badWithinMs) bad.delete(address);
    return bad.has(address) && counted.count >= maxBad;
  }

  function count(address: string): void {
    const counted = bad.get(address);
    if (counted !== undefined) counted.count += 1;
    else bad.set(address, { count: 1, sinceAt: now() });
    const [oldest] = bad.keys();
    if (bad.size > maxAddresses && oldest !== undefined) bad.delete(oldest);
  }
}

const noTokens: Denial = {
  status: 403,
  code: 'not_allowed',
  detail: 'this needs a bearer token, and no --admin-token-file names any',
};
const noneGiven: Denial = {
  status: 401,
  code: 'token_needed',
  detail: 'from elsewhere this needs "authorization: Bearer <token>"',
};

/** Returns the address of who asks, as the socket has it. */
export function addressOf({ socket }: Asking): string {
  return (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}

/** What another proxy on this machine passes on comes from elsewhere. */
function isFromHere(asking: Asking): boolean {
  const { headers } = asking;
  const isPassedOn =
    headers.forwarded !== undefined ||
    headers['x-forwarded-for'] !== undefined ||
    headers.via !== undefined;
  return !isPassedOn && isLoopback(addressOf(asking));
}

function tokenOf(authorization: string | undefined): string | undefined {
  const [, token] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token;
}

/** All are compared, by hashes of one length, so that time tells nothing. */
function isOneOf(tokens: readonly string[], given: string): boolean {
  const wanted = hashOf(given);
  let isKnown = false;
  for (const token of tokens) isKnown = timingSafeEqual(hashOf(token), wanted) || isKnown;
  return isKnown;
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Returns why a page of a browser may not ask for a change: it is of another site. Programs say
 * nothing of either.
 */
export function siteDenial({ headers }: Asking): Denial | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOwnOrigin = origin === undefined || (host !== undefined && origin === `http://${host}`);
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwnOrigin && isOwnSite) return undefined;
  return {
    status: 403,
    code: 'cross_site',
    detail: 'a page of another site cannot change anything',
  };
}
