import type { Document } from '#core/document/document';
import { type Plan, planOf } from '#core/rollout/plan';
import type { RolloutRule } from '#core/rollout/rule';
import type { RouteRule } from '#core/routing/rules';

/** A rollout as the document wishes for it. */
export interface Entry {
  /** The group's, or the route's. */
  readonly name: string;
  /** In document order; more than one only in a group. */
  readonly routes: readonly string[];
  readonly rule: RolloutRule;
  readonly plan: Plan;
  /** The whole rule, as text. */
  readonly text: string;
}

/** Returns the rollouts of a document by name: routes of one group are one. */
export function entriesOf({ routes }: Document): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const route of routes) {
    const { rollout } = route;
    if (rollout === undefined) continue;
    const name = nameOf(route, rollout);
    const known = entries.get(name);
    entries.set(name, {
      name,
      routes: [...(known?.routes ?? []), route.name],
      rule: rollout,
      plan: planOf(rollout, writtenShare(route, rollout)),
      text: JSON.stringify(rollout),
    });
  }
  return entries;
}

function nameOf({ name }: RouteRule, rollout: RolloutRule): string {
  const group = rollout.strategy === 'blue-green' ? rollout.group : undefined;
  return group === undefined ? name : `group ${group}`;
}

/** The share of the new version among both that the document gives it. */
function writtenShare({ versions }: RouteRule, { from, to }: RolloutRule): number {
  const weightOf = (wanted: string) => versions.find(({ name }) => name === wanted)?.weight ?? 0;
  const both = weightOf(from) + weightOf(to);
  return both === 0 ? 0 : weightOf(to) / both;
}
