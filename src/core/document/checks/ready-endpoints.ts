import type { RolloutRule } from '#core/rollout/rule';
import type { RouteRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { pathText, placeText } from '../path-text.ts';
import { type Check, type Checked, keySpanAt, spanAt } from './check.ts';
import { type CheckedRollout, rolloutsOf } from './rollouts.ts';

/** What waits for endpoints needs as many, and something that says when they are ready. */
export const readyEndpoints: Check = (checked) =>
  rolloutsOf(checked).flatMap((rollout) => [
    ...tooMany(checked, rollout),
    ...unknownReadiness(checked, rollout),
  ]);

/** A name may stand for any number of endpoints, an address for one. */
function tooMany(checked: Checked, { rule, rollout, path }: CheckedRollout): readonly Finding[] {
  if (rollout.strategy !== 'canary') return [];
  const to = rule.versions.find(({ name }) => name === rollout.to);
  const urls = new Set(to?.urls);
  if (to?.service !== undefined || ![...urls].every(isAddress)) return [];
  return rollout.steps.flatMap((step, index) => {
    if (step.kind === 'pause' || step.ready <= urls.size) return [];
    const place = [...path, 'steps', index, 'ready'];
    return [
      {
        code: 'TN3024',
        message: `${pathText(place)} must be at most ${urls.size}, the number of endpoints of "${rollout.to}", got ${step.ready}`,
        hint: 'the step would never begin',
        span: spanAt(checked, place),
      } satisfies Finding,
    ];
  });
}

function isAddress(url: string): boolean {
  return /^https?:\/\/(?:\[|\d+\.\d+\.\d+\.\d+(?::|$)|localhost(?::|$))/i.test(url);
}

function unknownReadiness(
  checked: Checked,
  { index, rule, rollout, path }: CheckedRollout,
): readonly Finding[] {
  if (rule.health !== undefined || !waitsForEndpoints(rollout, rule)) return [];
  return [
    {
      code: 'TN3025',
      severity: 'warning',
      message: `${placeText(['routes', index], checked.tree)} waits for ready endpoints and has no health: whatever has an address counts as ready`,
      hint: 'health: {path: /readyz} asks each of them',
      span: keySpanAt(checked, [...path, rollout.strategy === 'ramped' ? 'follow' : 'strategy']),
    },
  ];
}

/** Kubernetes says which endpoints of a service are ready. */
function waitsForEndpoints(rollout: RolloutRule, { versions }: RouteRule): boolean {
  const ends = versions.filter(({ name }) => name === rollout.from || name === rollout.to);
  if (ends.every(({ service }) => service !== undefined)) return false;
  return (
    rollout.strategy === 'recreate' ||
    (rollout.strategy === 'ramped' && rollout.by.kind === 'endpoints')
  );
}
