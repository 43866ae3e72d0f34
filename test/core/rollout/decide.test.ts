import { test } from 'tap';
import { defaultJudge } from '../../../src/core/judge/rule.ts';
import type { Verdict } from '../../../src/core/judge/verdict.ts';
import { decide } from '../../../src/core/rollout/decide.ts';
import { beginning, nextState, toStep } from '../../../src/core/rollout/next-state.ts';
import type { Plan } from '../../../src/core/rollout/plan.ts';
import type { RolloutState } from '../../../src/core/rollout/state.ts';
import { planFor, type SeenPart, seen, share, verdict } from './made-up.ts';

/** Returns what is decided at a moment of a step, in milliseconds from its beginning. */
function decided(plan: Plan, step: number, atMs: number, what: SeenPart, more = {}) {
  const begun = beginning(plan, 'shop-1', 0, 'begun');
  const state: RolloutState = { ...toStep(plan, begun, step, 0, 'here'), ...more };
  return decide(plan, state, seen(what), atMs);
}

test('a canary', async (t) => {
  const canary = planFor('canary');
  for (const { step = 0, at = 60_000, says, more = {}, kind, because } of [
    { says: 'pass', kind: 'step', because: 'the step has passed' },
    { says: 'undecided', at: 239_999, kind: 'wait', because: 'there is time left to find out' },
    { says: 'undecided', at: 240_000, kind: 'pause', because: 'that was all the time there is' },
    { says: 'no_data', at: 240_000, kind: 'pause', because: 'silence is not success' },
    { says: 'fail', at: 1, kind: 'rollback', because: 'a failure needs no time' },
    { says: 'invalid', at: 1, kind: 'pause', because: 'nothing can be concluded' },
    {
      says: 'fail',
      more: { phase: 'paused', pausedBy: 'person' },
      kind: 'rollback',
      because: 'a pause freezes steps, never the way back',
    },
    {
      says: 'pass',
      more: { phase: 'paused', pausedBy: 'person' },
      kind: 'wait',
      because: 'somebody has paused it',
    },
    {
      says: 'fail',
      more: { phase: 'complete' },
      kind: 'wait',
      because: 'it is over',
    },
    { step: 2, says: 'pass', kind: 'pause', because: 'the plan has a pause there' },
    { step: 3, says: 'pass', kind: 'promote', because: 'that was the last step' },
  ] as const) {
    t.test(`${kind}s after ${says} at step ${step + 1}: ${because}`, async (t) => {
      const decision = decided(canary, step, at, { verdict: verdict(says) }, more);
      t.equal(decision.kind, kind);
      t.ok(decision.reason.length > 0, 'with a reason');
    });
  }

  t.test('shows the words of the judge as its reason', async (t) => {
    t.equal(decided(canary, 0, 0, { verdict: verdict('fail') }).reason, 'the judge says fail');
  });

  t.test('goes back on an invalid split where harm is likely', async (t) => {
    const invalid = verdict('invalid', { isHarmLikely: true });
    t.equal(decided(canary, 0, 0, { verdict: invalid }).kind, 'rollback');
  });

  t.test('gives the new version nothing before it is ready', async (t) => {
    const begun = beginning(canary, 'shop-1', 0, 'begun');
    const none = { old: 1, oldReady: 1, new: 1, newReady: 0 };
    t.match(decide(canary, begun, seen({ endpoints: none }), 1e9), {
      kind: 'wait',
      reason: 'waits until v2 has 1 endpoint ready, not 0',
    });
    t.match(decide(canary, begun, seen(), 0), { kind: 'step', step: 0 });
  });

  t.test('waits for the endpoints that the next step asks for', async (t) => {
    const plan = planFor('canary', { steps: [share(1), share(10, { ready: 2 })] });
    const pass = verdict('pass');
    const ready = (newReady: number) => ({ old: 3, oldReady: 3, new: 5, newReady });
    const early = decided(plan, 0, 60_000, { verdict: pass, endpoints: ready(1) });
    t.equal(early.kind, 'wait');
    t.match(early.reason, 'waits until v2 has 2 endpoints ready, not 1');
    t.equal(decided(plan, 0, 60_000, { verdict: pass, endpoints: ready(2) }).kind, 'step');
  });

  for (const { onUndecided, says, kind } of [
    { onUndecided: 'promote', says: 'undecided', kind: 'step' },
    { onUndecided: 'promote', says: 'no_data', kind: 'pause' },
    { onUndecided: 'rollback', says: 'undecided', kind: 'rollback' },
    { onUndecided: 'rollback', says: 'no_data', kind: 'rollback' },
  ] as const) {
    t.test(`with onUndecided ${onUndecided} and ${says} in the end: ${kind}`, async (t) => {
      const plan = planFor('canary', { onUndecided });
      t.equal(decided(plan, 0, 240_000, { verdict: verdict(says) }).kind, kind);
    });
  }

  t.test('with onFail pause stands still, and is not paused twice', async (t) => {
    const plan = planFor('canary', { onFail: 'pause' });
    t.strictSame(decided(plan, 0, 1, { verdict: verdict('fail') }), {
      kind: 'pause',
      by: 'judge',
      reason: 'the judge says fail',
    });
    const paused = { phase: 'paused', pausedBy: 'judge' };
    t.equal(decided(plan, 0, 2, { verdict: verdict('fail') }, paused).kind, 'wait');
  });

  t.test('with a judge that only tells goes by time alone', async (t) => {
    const plan = planFor('canary', { judge: { ...defaultJudge, dryRun: true } });
    const fail: Verdict = verdict('fail');
    t.equal(decided(plan, 0, 59_999, { verdict: fail }).kind, 'wait');
    t.equal(decided(plan, 0, 60_000, { verdict: fail }).kind, 'step');
  });
});

test('ramped takes a batch when the new version has endpoints for it', async (t) => {
  const plan = planFor('ramped');
  t.strictSame(
    plan.steps.map((step) => step.share),
    [0.25, 0.5, 0.75],
  );
  const of = (newReady: number) => ({ old: 4, oldReady: 4, new: 4, newReady });
  t.equal(decided(plan, 0, 29_999, { endpoints: of(4) }).kind, 'wait');
  t.equal(decided(plan, 0, 30_000, { endpoints: of(1) }).kind, 'wait');
  t.equal(decided(plan, 0, 30_000, { endpoints: of(2) }).kind, 'step');
  t.equal(decided(plan, 2, 30_000, { endpoints: of(3) }).kind, 'wait');
  t.equal(decided(plan, 2, 30_000, { endpoints: of(4) }).kind, 'promote');
});

test('ramped by endpoints gives each version the share of those that are ready', async (t) => {
  const plan = planFor('ramped', { by: { kind: 'endpoints' } });
  const of = (oldReady: number, newReady: number) => ({ old: 3, oldReady, new: 3, newReady });
  t.match(decided(plan, 0, 0, { endpoints: of(3, 1) }), { kind: 'share', share: 0.25 });
  t.match(decided(plan, 0, 0, { endpoints: of(0, 3) }), { kind: 'promote' });
  t.match(decided(plan, 0, 0, { endpoints: of(0, 0) }), { kind: 'wait' });
  t.match(decided(plan, 0, 0, { endpoints: of(3, 0) }), { kind: 'wait' }, 'nothing is new');
});

test('recreate lets the old version end before the new one gets anything', async (t) => {
  const plan = planFor('recreate');
  const two = { old: 2, new: 2 };
  const all = { ...two, oldReady: 2, newReady: 0 };
  const going = { ...two, oldReady: 1, oldDown: 1, newReady: 0 };
  const ready = { ...two, oldReady: 0, oldDown: 2, newReady: 1 };
  const unseen = { ...two, oldReady: 0, newReady: 0 };
  t.equal(decided(plan, 0, 0, { endpoints: unseen }).kind, 'wait', 'nobody has looked yet');
  t.equal(decided(plan, 0, 0, { endpoints: all }).kind, 'wait');
  t.match(decided(plan, 0, 0, { endpoints: going }), { kind: 'step', step: 1 });
  t.ok(plan.steps[1]?.isHeld, 'then requests wait');
  t.match(decided(plan, 1, 0, { endpoints: ready, oldInFlight: 3 }), {
    kind: 'wait',
    reason: 'waits until 3 requests to v1 have ended',
  });
  t.equal(decided(plan, 1, 0, { endpoints: going }).kind, 'wait', 'the new one is not ready');
  t.equal(decided(plan, 1, 0, { endpoints: ready }).kind, 'promote');
});

test('a recreate with an SLO is watched for a while', async (t) => {
  const plan = planFor('recreate', { judge: { ...defaultJudge, slo: 0.05 } });
  const ready = { old: 2, oldReady: 0, oldDown: 2, new: 2, newReady: 1 };
  t.match(decided(plan, 1, 0, { endpoints: ready }), { kind: 'step', step: 2 });
  t.equal(decided(plan, 2, 599_999, { endpoints: ready }).kind, 'wait');
  t.equal(decided(plan, 2, 1, { verdict: verdict('fail') }).kind, 'rollback');
  t.equal(decided(plan, 2, 600_000, { endpoints: ready }).kind, 'promote');
});

test('blue-green waits for a person, and then keeps the old version for a while', async (t) => {
  const plan = planFor('blue-green');
  t.equal(decided(plan, 0, 3_600_000, {}).kind, 'wait');
  t.equal(decided(plan, 1, 599_999, {}).kind, 'wait');
  t.equal(decided(plan, 1, 600_000, {}).kind, 'promote');
});

test('ab holds its split until a person or the goal decides', async (t) => {
  t.equal(decided(planFor('ab'), 0, 1e9, {}).kind, 'wait');
  const noJudge = planFor('ab', {
    judge: undefined,
    goal: { when: {}, statuses: [200, 299], alpha: 0.05, atMostMs: undefined },
  });
  t.match(noJudge.judging?.rule, { errors: undefined, latency: undefined }, 'a goal is counted');
  const goal = { when: {}, statuses: [200, 299], alpha: 0.05, atMostMs: 1_000 };
  const plan = planFor('ab', { goal });
  const says = (kind: 'better' | 'worse' | 'undecided') => ({ goal: { kind, reason: kind } });
  t.equal(decided(plan, 0, 0, says('better')).kind, 'promote');
  t.equal(decided(plan, 0, 0, says('worse')).kind, 'rollback');
  t.equal(decided(plan, 0, 999, says('undecided')).kind, 'wait');
  t.equal(decided(plan, 0, 1_000, says('undecided')).kind, 'pause');
});

test('shadow sends nothing but copies until it is promoted', async (t) => {
  const plan = planFor('shadow');
  t.ok(plan.steps.every((step) => step.share === 0 && step.isMirrored));
  t.match(decided(plan, 0, 60_000, { verdict: verdict('pass') }), { kind: 'step', step: 1 });
  t.match(decided(plan, 1, 0, { verdict: verdict('pass') }), { kind: 'pause', by: 'step' });
  const onward = planFor('shadow', { onPass: 'promote' });
  t.equal(decided(onward, 0, 60_000, { verdict: verdict('pass') }).kind, 'promote');
});

test('a state follows from a decision', async (t) => {
  const plan = planFor('canary');
  const early = beginning(plan, 'shop-1', 5, 'begun');
  t.match(early, { phase: 'progressing', step: -1, share: 0, stepBeganAt: 5 });
  const begun = nextState(plan, early, { kind: 'step', step: 0, reason: 'it is ready' }, 6);
  t.match(begun, { step: 0, share: 0.01, stepBeganAt: 6 });
  const step = nextState(plan, begun, { kind: 'step', step: 1, reason: 'passed' }, 9);
  t.match(step, { step: 1, share: 0.1, stepBeganAt: 9, reason: 'passed' });
  const paused = nextState(plan, step, { kind: 'pause', by: 'judge', reason: 'look' }, 10);
  t.match(paused, { phase: 'paused', pausedBy: 'judge', share: 0.1 });
  const back = nextState(plan, paused, { kind: 'rollback', reason: 'bad' }, 11);
  t.match(back, { phase: 'rolled_back', share: 0, endedAt: 11 });
  t.equal(nextState(plan, back, { kind: 'wait', reason: 'over' }, 12), back);
  const done = nextState(plan, step, { kind: 'promote', reason: 'good' }, 13);
  t.match(done, { phase: 'complete', share: 1, endedAt: 13 });
});
