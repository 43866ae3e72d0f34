import { defaultMirror } from '#core/document/defaults';
import type { Document } from '#core/document/document';
import type { Judging } from '#core/rollout/judging';
import type { Weights } from '#core/rollout/overlay';
import type { MirrorRule, OnUnavailable, RouteRule, VersionRule } from '#core/routing/rules';

/** What a rollout and people's commands have made of a route since its document. */
export interface Standing {
  /** Of the rollout's `to`, between `from` and `to`: 0 to 1. Undefined: as the document has it. */
  readonly share: number | undefined;
  /** Names of versions that nothing may reach. */
  readonly disabled: readonly string[];
  /** Every request waits. */
  readonly isHeld: boolean;
  /** How long a request waits at most, held or without an endpoint; 0: as the document has it. */
  readonly holdMs: number;
  /** Whether copies are sent; undefined: as the document has it. */
  readonly isMirrored: boolean | undefined;
  readonly judging: Judging | undefined;
  /** The rule as it was at an older revision: it takes the place of the document's. */
  readonly pinned: RouteRule | undefined;
  /** Weights by version that stand in place of all others for a while; who is not named has none. */
  readonly overlay: Weights | undefined;
}

/**
 * Returns a document as it is in force, with how each of its routes stands. Rules without a
 * standing, or with one that changes nothing, are the same objects.
 */
export function documentInForce(
  document: Document,
  standings: ReadonlyMap<string, Standing>,
): Document {
  const routes = document.routes.map((rule) => {
    const standing = standings.get(rule.name);
    return standing === undefined ? rule : ruleInForce(rule, standing);
  });
  const isSame = routes.every((rule, index) => rule === document.routes[index]);
  return isSame ? document : { ...document, routes };
}

/** Returns the rule of a route as it is in force. */
export function ruleInForce(rule: RouteRule, standing: Standing): RouteRule {
  const written = standing.pinned ?? rule;
  const parts = {
    versions: versionsInForce(written, standing),
    onUnavailable: needInForce(written, standing),
    mirror: mirrorInForce(written, standing),
    judging: standing.judging,
    isHeld: standing.isHeld,
  } satisfies Partial<RouteRule>;
  const isSame =
    parts.versions === written.versions &&
    parts.onUnavailable === written.onUnavailable &&
    parts.mirror === written.mirror &&
    parts.judging === written.judging &&
    parts.isHeld === written.isHeld;
  return isSame ? written : { ...written, ...parts };
}

function versionsInForce(rule: RouteRule, standing: Standing): readonly VersionRule[] {
  const shared = withShare(rule, standing.share);
  const laid = withoutDisabled(withOverlay(shared, standing.overlay), standing.disabled);
  // Where all that an overlay names is disabled by now, it would leave nobody to serve.
  if (standing.overlay !== undefined && hasSomebody(laid)) return laid;
  const open = withoutDisabled(shared, standing.disabled);
  return withSomebody(open, rule, standing.disabled);
}

function withOverlay(versions: readonly VersionRule[], overlay: Weights | undefined) {
  if (overlay === undefined) return versions;
  return replaced(versions, (version) => {
    const isNamed = Object.hasOwn(overlay, version.name);
    const weight = isNamed ? (overlay[version.name] ?? 0) : 0;
    return weight === version.weight ? version : { ...version, weight };
  });
}

function hasSomebody(versions: readonly VersionRule[]): boolean {
  return versions.some(({ state, weight }) => state === 'active' && weight > 0);
}

/**
 * The sum of the weights of both stays, so that a change of the share moves nobody of the other
 * versions by it. With two versions a unit moves onto the one whose share grows, or stays.
 */
function withShare({ versions, rollout }: RouteRule, share: number | undefined) {
  if (rollout === undefined || share === undefined) return versions;
  const sum = sumOfBoth(versions, rollout);
  const weights = new Map([
    [rollout.from, sum * (1 - share)],
    [rollout.to, sum * share],
  ]);
  return replaced(versions, (version) => {
    const weight = weights.get(version.name) ?? version.weight;
    return weight === version.weight ? version : { ...version, weight };
  });
}

function withoutDisabled(versions: readonly VersionRule[], disabled: readonly string[]) {
  return replaced(versions, (version) =>
    disabled.includes(version.name) && version.state !== 'disabled'
      ? { ...version, state: 'disabled' }
      : version,
  );
}

/** Where a disabled version had everything, the other one of the rollout gets it. */
function withSomebody(
  versions: readonly VersionRule[],
  { rollout }: RouteRule,
  disabled: readonly string[],
) {
  if (rollout === undefined || disabled.length === 0) return versions;
  if (hasSomebody(versions)) return versions;
  const ends = versions.filter(({ name }) => name === rollout.from || name === rollout.to);
  const left = ends.filter(({ state }) => state === 'active');
  const [heir, ...more] = left;
  if (heir === undefined || more.length > 0) return versions;
  const weight = sumOfBoth(versions, rollout);
  return replaced(versions, (version) => (version === heir ? { ...heir, weight } : version));
}

/** At least 1: what is disabled in the document may leave both without a weight. */
function sumOfBoth(
  versions: readonly VersionRule[],
  { from, to }: { readonly from: string; readonly to: string },
): number {
  const both = versions.filter(({ name }) => name === from || name === to);
  return Math.max(
    1,
    both.reduce((sum, { weight }) => sum + weight, 0),
  );
}

/** Returns the same list where no version became another. */
function replaced(
  versions: readonly VersionRule[],
  by: (version: VersionRule) => VersionRule,
): readonly VersionRule[] {
  const now = versions.map(by);
  return now.every((version, index) => version === versions[index]) ? versions : now;
}

function needInForce({ onUnavailable }: RouteRule, { holdMs }: Standing): OnUnavailable {
  if (holdMs === 0) return onUnavailable;
  const isSame = onUnavailable.kind === 'hold' && onUnavailable.holdMs === holdMs;
  return isSame ? onUnavailable : { kind: 'hold', holdMs };
}

function mirrorInForce(
  { mirror, rollout }: RouteRule,
  { isMirrored }: Standing,
): MirrorRule | undefined {
  if (isMirrored === false) return undefined;
  if (isMirrored === undefined || mirror !== undefined || rollout === undefined) return mirror;
  return { to: rollout.to, ...defaultMirror };
}
