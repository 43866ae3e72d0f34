import type { Facts } from '#core/conditions/facts';
import { queryValue } from './query-value.ts';
import type { UnitSource } from './rules.ts';

/** Longer units count as absent: nobody's id is that long, and hashing it costs. */
export const maxUnitBytes = 256;

/** The proxy's own first-party cookie, by whether the request came over https. */
export const issuedCookieNames = { https: '__Host-turnout-unit', http: 'turnout-unit' } as const;

/** Looks the unit up: the first source in which the request has one counts. */
export function findUnit(sources: readonly UnitSource[], facts: Facts, into: FoundUnit): void {
  for (let i = 0; i < sources.length; i += 1) {
    const source = sources[i];
    const unit = source === undefined ? '' : unitFrom(source, facts);
    if (unit === '') continue;
    into.unit = unit;
    into.unitSource = i;
    return;
  }
}

/** The part of an assignment that says who it is for; untouched where nobody is found. */
export interface FoundUnit {
  unit: string;
  unitSource: number;
}

/** Returns the unit that a source holds, as received; '' where there is none or it is too long. */
export function unitFrom(source: UnitSource, facts: Facts): string {
  const value = valueFrom(source, facts);
  return value === undefined || value.length > maxUnitBytes ? '' : value;
}

function valueFrom(source: UnitSource, facts: Facts): string | undefined {
  switch (source.kind) {
    case 'header':
      return facts.header(source.name);
    case 'cookie':
      return facts.cookie(source.name);
    case 'query':
      return queryValue(facts.query, source.name);
    case 'issue':
      return (
        issuedUnit(facts, issuedCookieNames.https) ?? issuedUnit(facts, issuedCookieNames.http)
      );
  }
}

/** Only what we may have issued ourselves: anything else would let a page choose a unit. */
function issuedUnit(facts: Facts, cookie: string): string | undefined {
  const value = facts.cookie(cookie);
  return value !== undefined && issued.test(value) ? value : undefined;
}

const issued = /^[0-9a-f]{32}$/;

/**
 * Whether a person's browser asks for a page: only then is a unit issued. A page's parallel
 * first calls carry no cookie yet, and each of them would otherwise become a user.
 */
export function isNavigation(facts: Facts): boolean {
  const mode = facts.header('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  return facts.header('accept')?.includes('text/html') ?? false;
}
