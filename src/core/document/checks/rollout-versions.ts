import type { VersionRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { pathText, placeText } from '../path-text.ts';
import { type Check, type Checked, spanAt } from './check.ts';
import { type CheckedRollout, rolloutsOf } from './rollouts.ts';

/** A rollout goes between two versions that take people, from one that has some. */
export const rolloutVersions: Check = (checked) =>
  rolloutsOf(checked).flatMap((rollout) => {
    const { from, to } = rollout.rollout;
    if (from === to) return [toItself(checked, rollout)];
    const closed = (['from', 'to'] as const).flatMap((end) => closedEnd(checked, rollout, end));
    return closed.length > 0 ? closed : withoutWeight(checked, rollout);
  });

function toItself(checked: Checked, { rollout, path }: CheckedRollout): Finding {
  return {
    code: 'TN3018',
    message: `${pathText([...path, 'to'])} must be another version than from, got "${rollout.to}"`,
    hint: 'from has the traffic, to gets it',
    span: spanAt(checked, [...path, 'to']),
  };
}

const does = { drain: 'drains', disabled: 'is disabled' } as const;

function closedEnd(
  checked: Checked,
  { index, rule, rollout, path }: CheckedRollout,
  end: 'from' | 'to',
): readonly Finding[] {
  const { name, state } = versionOf(rule.versions, rollout[end]);
  if (state === 'active') return [];
  return [
    {
      code: 'TN3019',
      message: `${pathText([...path, end])} is "${name}", which ${does[state]} in ${placeText(['routes', index], checked.tree)}`,
      hint: `take "state: ${state}" away: the rollout says who gets something`,
      span: spanAt(checked, [...path, end]),
    },
  ];
}

function withoutWeight(
  checked: Checked,
  { index, rule, rollout, path }: CheckedRollout,
): readonly Finding[] {
  const ends = rollout.strategy === 'ab' ? (['from', 'to'] as const) : (['from'] as const);
  return ends.flatMap((end) => {
    const { name, weight } = versionOf(rule.versions, rollout[end]);
    if (weight > 0) return [];
    return [
      {
        code: 'TN3020',
        message: `${pathText([...path, end])} is "${name}", whose weight is 0 in ${placeText(['routes', index], checked.tree)}`,
        hint: hintFor(rollout.strategy === 'ab', end),
        span: spanAt(checked, [...path, end]),
      } satisfies Finding,
    ];
  });
}

function hintFor(isAb: boolean, end: 'from' | 'to'): string {
  if (isAb) return 'ab holds the split of the weights: both versions need one above 0';
  return `give it a weight above 0: the rollout takes over what "${end}" has`;
}

/** The versions of a rollout are there: `rolloutsOf` has seen to it. */
function versionOf(versions: readonly VersionRule[], wanted: string) {
  const { name, state, weight } = versions.find((version) => version.name === wanted) ?? nobody;
  return { name, state, weight };
}

const nobody = { name: '', state: 'active', weight: 1 } as const;
