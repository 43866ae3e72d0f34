import type { BlueGreen } from '#core/rollout/rule';
import type { Finding } from '../finding.ts';
import { placeText } from '../path-text.ts';
import { type Check, keySpanAt, placeWithLine } from './check.ts';
import { rolloutsOf } from './rollouts.ts';

const same = ['from', 'to', 'keepMs', 'onFail', 'onUndecided', 'judge'] as const;

/** Routes of a group go over in one swap, so they have to agree on what that is. */
export const groups: Check = (checked) => {
  const first = new Map<string, { readonly index: number; readonly rollout: BlueGreen }>();
  const findings: Finding[] = [];
  for (const { index, rollout, path } of rolloutsOf(checked)) {
    if (rollout.strategy !== 'blue-green' || rollout.group === undefined) continue;
    const other = first.get(rollout.group);
    if (other === undefined) {
      first.set(rollout.group, { index, rollout });
      continue;
    }
    const different = same.filter(
      (key) => JSON.stringify(rollout[key]) !== JSON.stringify(other.rollout[key]),
    );
    if (different.length === 0) continue;
    const keys = different.map((key) => (key === 'keepMs' ? 'keep' : key)).join(', ');
    findings.push({
      code: 'TN3021',
      message: `${placeText(['routes', index], checked.tree)} and ${placeWithLine(checked, ['routes', other.index])} are of the group "${rollout.group}" and differ in ${keys}`,
      hint: 'a rollout in defaults is the same for all routes',
      span: keySpanAt(checked, [...path, 'group']),
    });
  }
  return findings;
};
