import type { Shadow } from '#core/rollout/rule';
import type { MirrorRule } from '#core/routing/rules';
import { at, type Path, pathText } from '../path-text.ts';
import { type Check, keySpanAt, spanAt } from './check.ts';
import { rolloutsOf } from './rollouts.ts';

/** A shadow release is judged by what its mirror compares: copies to its version, with answers kept. */
export const shadowMirrors: Check = (checked) =>
  rolloutsOf(checked).flatMap(({ index, rule, rollout }) => {
    const path: Path = ['routes', index, 'mirror'];
    if (rollout.strategy !== 'shadow' || rule.mirror === undefined) return [];
    const trouble = troubleOf(rule.mirror, rollout);
    if (trouble === undefined) return [];
    const place = [...path, trouble.key];
    const isWritten = at(checked.tree, place) !== undefined;
    return [
      {
        code: 'TN3023',
        message: `${pathText(place)} ${trouble.says}`,
        hint: 'without a mirror of its own a shadow rollout makes one',
        span: isWritten ? spanAt(checked, place) : keySpanAt(checked, path),
      },
    ];
  });

function troubleOf({ to, compare }: MirrorRule, rollout: Shadow) {
  if (to !== rollout.to) {
    return { key: 'to', says: `must be "${rollout.to}", the version of the rollout, got "${to}"` };
  }
  if (compare !== undefined && (compare.status || compare.body !== 'off')) return undefined;
  return { key: 'compare', says: 'must look at status or body: the shadow is judged by them' };
}
