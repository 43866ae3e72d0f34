import type { Registry } from '@prometheus-io/client';
import { isCidr } from '#core/address/parse-cidr';

/** A key that override tokens and sticky cookies are signed with. */
export interface SigningKey {
  /** 1 to 32 letters, digits, `_` or `-`: tokens and cookies name the key that signed them. */
  readonly id: string;
  /** At least 128 bits. */
  readonly secret: Uint8Array;
}

/** What `app.register(turnout, …)` takes. */
export interface TurnoutOptions {
  /** The file of the rules document, or the document itself. */
  readonly rules: string | { readonly text: string };
  /** Only paths below this one are proxied. Rules see the whole path all the same. */
  readonly prefix?: string;
  /** Follow the file: a changed document that is good is put in force. Off by default. */
  readonly watch?: boolean | undefined;
  /** Where the metrics are registered; one of its own by default. */
  readonly registry?: Registry | undefined;
  /** The first one signs, all of them are believed. */
  readonly keys?: readonly SigningKey[] | undefined;
  /** CIDRs of the proxies in front of this service whose X-Forwarded-* are believed. */
  readonly trustedProxies?: readonly string[] | undefined;
}

const leastSecretBytes = 16;

/** Returns what is wrong with the options, in the words of who wrote them. */
export function problemsOf(options: TurnoutOptions): readonly string[] {
  const { rules, prefix = '', watch = false, keys = [], trustedProxies = [] } = options;
  const problems: string[] = [];
  const isFile = typeof rules === 'string' && rules !== '';
  if (!isFile && typeof (rules as { text?: unknown } | undefined)?.text !== 'string') {
    problems.push('rules must be the name of a file or { text }');
  }
  if (watch && !isFile) problems.push('watch needs rules in a file');
  if (!/^(?:\/[\w.~-]+)*\/?$/.test(prefix)) {
    problems.push(`prefix must be plain segments such as /shop, got "${prefix}"`);
  }
  for (const cidr of trustedProxies) {
    if (!isCidr(cidr)) problems.push(`trustedProxies: "${cidr}" is no block of addresses`);
  }
  return [...problems, ...problemsOfKeys(keys)];
}

/** No message repeats a secret. */
function problemsOfKeys(keys: readonly SigningKey[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { id, secret } of keys) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
      problems.push('keys: an id must be 1 to 32 letters, digits, "_" or "-"');
    } else if (seen.has(id)) {
      problems.push(`keys: the id "${id}" is there twice`);
    } else if (secret.length < leastSecretBytes) {
      problems.push(`keys: the secret of "${id}" must have at least 128 bits`);
    }
    seen.add(id);
  }
  return problems;
}
