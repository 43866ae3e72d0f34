import { mustBe } from './expectation.ts';
import { hostPattern } from './host-pattern.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';
import { quotedBytes } from './quoted.ts';

/** The host, without port; case does not matter. `*.suffix` takes one or more labels before it. */
export const host: Part<readonly string[]> = {
  schema: oneOrMore(hostPattern, mustBe('TN2015', 'a host name or a list of host names')),
  compile: (patterns) => {
    const names = new Set<string>();
    const suffixes: string[] = [];
    for (const pattern of patterns.map((text) => text.toLowerCase())) {
      if (pattern.startsWith('*.')) suffixes.push(pattern.slice(1));
      else names.add(pattern);
    }
    return (facts) => names.has(facts.host) || endsWithAny(facts.host, suffixes);
  },
  explain: (patterns, facts) => [
    {
      part: 'host',
      holds: host.compile(patterns)(facts),
      seen: facts.host === '' ? 'no host' : `host ${shown(facts.host)}`,
    },
  ],
};

/** A suffix begins with its dot, and something stands before it. */
function endsWithAny(name: string, suffixes: readonly string[]): boolean {
  for (const suffix of suffixes) {
    if (name.length > suffix.length && name.endsWith(suffix)) return true;
  }
  return false;
}

function shown(name: string): string {
  return /^[\w.:[\]-]{1,64}$/.test(name) ? name : quotedBytes(name);
}
