import type { RolloutRule } from '#core/rollout/rule';
import type { RouteRule } from '#core/routing/rules';
import { at, type Path } from '../path-text.ts';
import type { Checked } from './check.ts';

/** A route that has a rollout, and where that is written: in the route or in `defaults`. */
export interface CheckedRollout {
  readonly index: number;
  readonly rule: RouteRule;
  readonly rollout: RolloutRule;
  readonly path: Path;
}

/** Returns the rollouts of a document whose versions are there: others have a problem already. */
export function rolloutsOf(checked: Checked): readonly CheckedRollout[] {
  return checked.routes.flatMap(({ index, rule }) => {
    const { rollout } = rule ?? {};
    if (rule === undefined || rollout === undefined) return [];
    const names = rule.versions.map(({ name }) => name);
    if (!names.includes(rollout.from) || !names.includes(rollout.to)) return [];
    const own: Path = ['routes', index, 'rollout'];
    const path = at(checked.tree, own) === undefined ? ['defaults', 'rollout'] : own;
    return [{ index, rule, rollout, path }];
  });
}
