import { test } from 'tap';
import type { RolloutStatus } from '../../src/core/rollout/status.ts';
import {
  noRollouts,
  type RolloutFacts,
  rolloutFamilies,
} from '../../src/telemetry/rollout-families.ts';
import { verdict } from '../core/rollout/made-up.ts';

const status: RolloutStatus = {
  strategy: 'canary',
  from: 'v1',
  to: 'v2',
  routes: ['shop'],
  release: 'shop-1',
  phase: 'paused',
  pausedBy: undefined,
  step: 2,
  steps: 4,
  stepText: '10 % for at least 10 min',
  reason: 'paused by ann',
  beganAt: 0,
  stepBeganAt: 0,
  stepEndsAt: undefined,
  endedAt: undefined,
  share: 0.1,
  seenShare: undefined,
  verdict: verdict('undecided', { needed: { verdict: 'pass', requests: 900, ms: undefined } }),
  limitsMs: undefined,
  facts: [],
  restartsAtFirstStep: false,
  next: [],
  requests: [0, 0],
};

function read(name: string, facts = told(status)) {
  const family = rolloutFamilies(facts).find((one) => one.name === name);
  return [...(family?.read() ?? [])].flat();
}

function told(one: RolloutStatus): RolloutFacts {
  const transitions = () => [{ route: 'shop', transition: 'step', count: 3 } as const];
  return {
    rollouts: () => [{ route: 'shop', status: one }],
    transitions,
    overlays: () => [{ route: 'shop', leftMs: 1_500 }],
  };
}

test('a rollout is told by its route', async (t) => {
  const labels = { route: 'shop' };
  t.same(read('turnout_rollout_info'), [
    { value: 1, labels: { ...labels, strategy: 'canary', from: 'v1', to: 'v2' } },
  ]);
  t.same(read('turnout_rollout_step'), [{ value: 2, labels }]);
  t.same(read('turnout_rollout_share_ratio'), [{ value: 0.1, labels }]);
  t.same(read('turnout_rollout_needed_requests'), [{ value: 900, labels }]);
  t.same(read('turnout_rollout_transitions_total'), [
    { value: 3, labels: { ...labels, transition: 'step' } },
  ]);
  t.same(read('turnout_overlay_left_seconds'), [{ value: 1.5, labels }]);
});

test('of phases and verdicts one is 1, and the others are 0', async (t) => {
  const ones = (name: string) => read(name).filter(({ value }) => value === 1);
  t.match(ones('turnout_rollout_phase'), [{ labels: { phase: 'paused' } }]);
  t.equal(read('turnout_rollout_phase').length, 5);
  t.match(ones('turnout_rollout_verdict'), [{ labels: { verdict: 'undecided' } }]);
});

test('what is not judged has no verdict', async (t) => {
  const unjudged = told({ ...status, verdict: undefined });
  for (const name of ['verdict', 'needed_requests', 'evidence_log', 'evidence_line_log']) {
    t.same(read(`turnout_rollout_${name}`, unjudged), []);
  }
  t.same(read('turnout_rollout_info', noRollouts), []);
});
