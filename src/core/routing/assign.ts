import type { Facts } from '#core/conditions/facts';
import type { Assignment } from './assignment.ts';
import type { Mac } from './mac.ts';
import { type Override, overrideOf } from './override.ts';
import { isToken } from './override-token.ts';
import { draw, drawByChance } from './rendezvous.ts';
import type { Audience, Route, Split, Version } from './route.ts';
import { rememberedVersion } from './sticky.ts';
import { findUnit, isNavigation } from './unit.ts';

/** Chance, time and signatures: what an assignment needs from outside. */
export interface AssignPorts {
  /** A number in [0, 1), for requests without a unit. */
  readonly random: () => number;
  readonly epochMs: () => number;
  /** 128 random bits as 32 lower-case hex digits. */
  readonly newUnit: () => string;
  readonly mac: Mac;
  /** The key sticky cookies are signed with; without one they are not signed. */
  readonly stickyKeyId?: string | undefined;
}

export function newAssignment(): Assignment {
  return {
    version: undefined,
    assigned: undefined,
    reason: 'none',
    assignedBy: 'none',
    audience: undefined,
    unit: '',
    unitSource: -1,
    minted: false,
    remember: false,
    link: '',
  };
}

/**
 * Chooses the version of a request, always in this order, and records the reason: override,
 * audiences, sticky memory, split by weight. Nothing reaches a disabled version; one that
 * drains is reached by override and sticky memory only.
 *
 * `into` is filled anew. Its version stays undefined where no version takes anybody, unless
 * the route names one to fall back on.
 */
export function assign(route: Route, facts: Facts, ports: AssignPorts, into: Assignment): void {
  forget(into);
  findUnit(route.unit, facts, into);
  into.version = choose(route, facts, ports, into);
  into.assigned = into.version;
  if (into.version === undefined) into.reason = 'none';
  into.assignedBy = into.reason;
}

function choose(
  route: Route,
  facts: Facts,
  ports: AssignPorts,
  into: Assignment,
): Version | undefined {
  const wished = overrideOf(route, facts, ports);
  if (wished !== undefined) {
    into.reason = 'override';
    into.link = linkOf(route, wished);
    return wished.version;
  }
  const audience = audienceOf(route, facts);
  if (audience?.split !== undefined) {
    into.audience = audience;
    into.reason = 'audience';
    return drawFrom(audience.split, route, facts, ports, into);
  }
  const remembered = rememberedVersion(route, facts, ports);
  if (remembered !== undefined) {
    into.reason = 'sticky';
    return remembered;
  }
  const drawn = drawFrom(route.split, route, facts, ports, into);
  into.reason = drawn === undefined ? 'fallback' : 'split';
  into.remember = drawn !== undefined && route.sticky !== undefined;
  return drawn ?? route.fallback;
}

/** A link is opened once; what the page asks for next must get the same version. */
function linkOf({ override }: Route, { place, wish }: Override): string {
  return place === 'query' && override?.cookie !== undefined && isToken(wish) ? wish : '';
}

/** Returns the first audience that holds and can serve; one that cannot is passed over. */
function audienceOf(route: Route, facts: Facts): Audience | undefined {
  const conditions = route.audienceConditions;
  for (let i = 0; i < conditions.length; i += 1) {
    if (conditions[i]?.(facts)) return route.audiences[i];
  }
  return undefined;
}

/** A unit is issued only where it decides between versions: no cookie without a need. */
function drawFrom(
  split: Split,
  route: Route,
  facts: Facts,
  ports: AssignPorts,
  into: Assignment,
): Version | undefined {
  if (split.versions.length < 2) return split.versions[0];
  if (into.unit === '') issueUnit(route, facts, ports, into);
  return into.unit === ''
    ? drawByChance(split, ports.random())
    : draw(split, route.salt, into.unit);
}

function issueUnit(route: Route, facts: Facts, ports: AssignPorts, into: Assignment): void {
  if (route.issueSource === -1 || !isNavigation(facts)) return;
  into.unit = ports.newUnit();
  into.unitSource = route.issueSource;
  into.minted = true;
}

/** Empties an assignment for the next request. */
export function forget(into: Assignment): void {
  into.version = undefined;
  into.assigned = undefined;
  into.reason = 'none';
  into.assignedBy = 'none';
  into.audience = undefined;
  into.unit = '';
  into.unitSource = -1;
  into.minted = false;
  into.remember = false;
  into.link = '';
}
