import { test } from 'tap';
import { ended } from '#core/rollout/next-state';
import { withRollout } from '../../src/rollout/change.ts';
import { effectOf, withEffect } from '../../src/rollout/effect.ts';
import type { Kept, KeptRollout } from '../../src/rollout/kept.ts';
import { atState } from '../../src/rollout/look.ts';
import { canary, keptAfter, shop } from './made-up.ts';

const { kept: begun } = keptAfter([['aaa', shop(canary)]]);

function rollout(kept: Kept): KeptRollout {
  const found = kept.rollouts.shop;
  if (found === undefined) throw new Error('it has a rollout');
  return found;
}

function atStep(kept: Kept, step: number, share: number): Kept {
  const before = rollout(kept);
  return withRollout(kept, atState(before, { ...before.state, step, share }));
}

function aborted(kept: Kept): Kept {
  const before = rollout(kept);
  const state = ended(before.state, 'aborted', 0, 9_000, 'aborted by ann');
  return withRollout(kept, atState(before, state));
}

const first = atStep(begun, 0, 0.01);

test('an abort holds on what has gone on meanwhile, in the step that it has come to', async (t) => {
  const effect = effectOf(first, aborted(first));
  const later = atStep(first, 1, 0.5);
  t.match(rollout(withEffect(later, effect)).state, { phase: 'aborted', share: 0, step: 1 });
  t.ok(withEffect(later, effect).weights > later.weights, 'under weights of their own');
});

test('it holds on a release that was complete, and changes nothing where it is so already', async (t) => {
  const effect = effectOf(first, aborted(first));
  const complete = withRollout(first, {
    ...rollout(first),
    state: ended(rollout(first).state, 'complete', 1, 8_000, 'done'),
  });
  t.equal(rollout(withEffect(complete, effect)).state.phase, 'aborted');
  const already = aborted(first);
  t.equal(withEffect(already, effect), already);
});

test('another release is none of its business', async (t) => {
  const effect = effectOf(first, aborted(first));
  const state = { ...rollout(first).state, release: 'shop-2' };
  const next = withRollout(first, { ...rollout(first), state });
  t.equal(withEffect(next, effect), next);
});

test('what was disabled is so beside what others have disabled', async (t) => {
  const effect = effectOf(first, { ...first, disabled: { shop: ['v2'] } });
  const others = { ...first, disabled: { shop: ['v1'], cart: ['v9'] } };
  t.strictSame(withEffect(others, effect).disabled, { shop: ['v1', 'v2'], cart: ['v9'] });
  const same = { ...first, disabled: { shop: ['v2'] } };
  t.equal(withEffect(same, effect), same);
});

test('what an undo has brought back comes back', async (t) => {
  const pin = { revision: 1, hash: 'aaa', disabled: [], written: 'the route' };
  const effect = effectOf(first, { ...first, pins: { shop: pin } });
  t.strictSame(withEffect(first, effect).pins, { shop: pin });
  t.equal(withEffect({ ...first, pins: { shop: { ...pin } } }, effect).pins.shop?.revision, 1);
});
