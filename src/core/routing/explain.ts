import { textOf } from '#core/conditions/byte-text';
import type { Finding } from '#core/conditions/condition';
import type { Facts } from '#core/conditions/facts';
import { explainWhen } from '#core/conditions/registry';
import { type AssignPorts, assign, newAssignment } from './assign.ts';
import { type Assignment, reasonText } from './assignment.ts';
import { refusesPath } from './encoded-slash.ts';
import { faultFor, type Trouble, troubleOf } from './fault.ts';
import { mirrorFor } from './mirror.ts';
import { grant, type OverridePlace, overridePlaces, type WishRefusal, wishAt } from './override.ts';
import { isToken } from './override-token.ts';
import { scoreOf, uniform } from './rendezvous.ts';
import type { Audience, Route, Split, Version } from './route.ts';
import { rememberedVersion } from './sticky.ts';
import { unitFrom } from './unit.ts';

/** One assignment, step by step, in the order of the steps. Texts are for people. */
export interface Explanation {
  readonly route: string;
  /** Its path is one that the route refuses: none of what follows happens. */
  readonly refusesPath: boolean;
  /** Versions the split leaves out, and why. */
  readonly leftOut: readonly LeftOut[];
  /** The places an override may stand in; empty where the route takes none. */
  readonly override: readonly ExplainedWish[];
  /** In document order, up to the one that decided. Empty after an override. */
  readonly audiences: readonly ExplainedAudience[];
  /** Undefined where the route remembers nothing, or an earlier step decided. */
  readonly sticky: ExplainedMemory | undefined;
  /** Every source, in order: what the request has there, '' for nothing. */
  readonly unitSources: readonly { readonly source: string; readonly value: string }[];
  /** Undefined where the request has no unit: a split of several is then by chance. */
  readonly unit:
    | { readonly source: string; readonly value: string; readonly minted: boolean }
    | undefined;
  readonly salt: string;
  /** The split of the audience that decided, or the route's own. */
  readonly split: ExplainedSplit;
  /** Undefined where no version takes the request. */
  readonly version: string | undefined;
  /** `override`, `audience:phones`, … */
  readonly reason: string;
  /** Where copies of such requests go; undefined where none does. */
  readonly mirror: ExplainedMirror | undefined;
  /** What is done on purpose to such requests; undefined where nothing is. */
  readonly fault: Trouble | undefined;
}

export interface ExplainedMirror {
  readonly to: string;
  readonly percent: number;
}

export interface LeftOut {
  readonly version: string;
  readonly because: 'disabled' | 'drain' | 'weight 0';
}

export interface ExplainedWish {
  readonly place: OverridePlace;
  readonly name: string;
  /** The name wished for, `a token`, or undefined where nothing stands there. */
  readonly seen: string | undefined;
  readonly outcome: 'absent' | 'granted' | WishRefusal;
}

export interface ExplainedAudience {
  readonly name: string;
  readonly holds: boolean;
  /** `passed over`: it holds, but none of its versions takes anybody new. */
  readonly outcome: 'taken' | 'passed over' | 'does not hold';
  readonly findings: readonly Finding[];
}

export interface ExplainedMemory {
  readonly cookie: string;
  readonly seen: string | undefined;
  /** Undefined where the cookie is absent, forged, or names a version that is gone or disabled. */
  readonly version: string | undefined;
}

export interface ExplainedSplit {
  readonly of: 'route' | 'audience';
  /** Whether it chose the version: not after an override or a sticky cookie. */
  readonly decided: boolean;
  readonly byChance: boolean;
  readonly draws: readonly Draw[];
}

export interface Draw {
  readonly version: string;
  readonly slot: string;
  readonly weight: number;
  /** 0 to 1. */
  readonly share: number;
  /** In (0, 1); undefined without a unit. */
  readonly u: number | undefined;
  /** The lowest wins; undefined without a unit. */
  readonly score: number | undefined;
}

/** Explains an assignment by making it: what it says was chosen is what `assign` chose. */
export function explain(route: Route, facts: Facts, ports: AssignPorts): Explanation {
  const assignment = newAssignment();
  assign(route, facts, ports, assignment);
  const { reason, version } = assignment;
  return {
    route: route.name,
    refusesPath: refusesPath(route, facts.path),
    leftOut: leftOut(route),
    override: explainOverride(route, facts, ports),
    audiences: reason === 'override' ? [] : explainAudiences(route, facts, assignment),
    sticky:
      reason === 'override' || reason === 'audience'
        ? undefined
        : explainMemory(route, facts, ports),
    unitSources: route.unit.map((source) => ({
      source: source.text,
      value: textOf(unitFrom(source, facts)),
    })),
    unit: explainUnit(route, assignment),
    salt: textOf(route.salt),
    split: explainSplit(route, assignment),
    version: version?.name,
    reason: reasonText(assignment),
    mirror: version && explainMirror(route, facts, version),
    fault: version && explainFault(route, facts, version),
  };
}

function explainMirror(route: Route, facts: Facts, version: Version): ExplainedMirror | undefined {
  const mirror = mirrorFor(route, facts.method, version);
  return mirror && { to: mirror.version.name, percent: mirror.percent };
}

function explainFault(route: Route, facts: Facts, version: Version): Trouble | undefined {
  const fault = faultFor(route, facts, version);
  return fault && troubleOf(fault);
}

function leftOut(route: Route): LeftOut[] {
  const left: LeftOut[] = [];
  for (const { name, state, weight } of route.versions) {
    if (state !== 'active') left.push({ version: name, because: state });
    else if (weight === 0) left.push({ version: name, because: 'weight 0' });
  }
  return left;
}

function explainOverride(route: Route, facts: Facts, ports: AssignPorts): ExplainedWish[] {
  const wishes: ExplainedWish[] = [];
  for (const place of overridePlaces) {
    const name = route.override?.[place];
    if (name === undefined) continue;
    const wish = wishAt(route, place, facts);
    if (wish === undefined) {
      wishes.push({ place, name: textOf(name), seen: undefined, outcome: 'absent' });
      continue;
    }
    const granted = grant(route, wish, facts, ports);
    wishes.push({
      place,
      name: textOf(name),
      seen: isToken(wish) ? 'a token' : textOf(wish),
      outcome: typeof granted === 'object' ? 'granted' : granted,
    });
  }
  return wishes;
}

function explainAudiences(route: Route, facts: Facts, assignment: Assignment): ExplainedAudience[] {
  const explained: ExplainedAudience[] = [];
  for (const audience of route.audiences) {
    const isTaken = audience === assignment.audience;
    explained.push(explainAudience(route, audience, isTaken, facts));
    if (isTaken) break;
  }
  return explained;
}

function explainAudience(
  route: Route,
  audience: Audience,
  isTaken: boolean,
  facts: Facts,
): ExplainedAudience {
  const holds = audience.holds(facts);
  const when = route.rule.audiences[audience.index]?.when;
  const passed = holds ? 'passed over' : 'does not hold';
  return {
    name: audience.name,
    holds,
    outcome: isTaken ? 'taken' : passed,
    findings: when === undefined ? [] : explainWhen(when, facts),
  };
}

function explainMemory(
  route: Route,
  facts: Facts,
  ports: AssignPorts,
): ExplainedMemory | undefined {
  if (route.sticky === undefined) return undefined;
  const seen = facts.cookie(route.sticky.cookie);
  return {
    cookie: textOf(route.sticky.cookie),
    seen: seen === undefined ? undefined : textOf(seen),
    version: rememberedVersion(route, facts, ports)?.name,
  };
}

function explainUnit(route: Route, assignment: Assignment): Explanation['unit'] {
  const source = route.unit[assignment.unitSource];
  if (source === undefined) return undefined;
  return { source: source.text, value: textOf(assignment.unit), minted: assignment.minted };
}

function explainSplit(route: Route, assignment: Assignment): ExplainedSplit {
  const { audience, reason, unit } = assignment;
  const split = audience?.split ?? route.split;
  return {
    of: audience === undefined ? 'route' : 'audience',
    decided: reason === 'split' || reason === 'audience',
    byChance: unit === '' && split.versions.length > 1,
    draws: drawsOf(split, route.salt, unit),
  };
}

function drawsOf(split: Split, salt: string, unit: string): Draw[] {
  return split.versions.map(({ name, slot, slotBytes }, i) => {
    const weight = split.weights[i] ?? 0;
    const u = unit === '' ? undefined : uniform(salt, unit, slotBytes);
    const score = u === undefined ? undefined : scoreOf(u, weight);
    return { version: name, slot, weight, share: weight / split.totalWeight, u, score };
  });
}
