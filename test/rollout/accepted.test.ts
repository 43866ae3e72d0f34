import { test } from 'tap';
import { ended, toStep } from '../../src/core/rollout/next-state.ts';
import { accepted, writtenText } from '../../src/rollout/accepted.ts';
import type { Kept, KeptRollout } from '../../src/rollout/kept.ts';
import { canary, documentOf, keptAfter, shop } from './made-up.ts';

function rolloutIn(kept: Kept): KeptRollout {
  const { shop: rollout } = kept.rollouts;
  if (rollout === undefined) throw new Error('there is no rollout');
  return rollout;
}

/** Returns what is kept when the canary is at its second step. */
function atStep2(document = shop(canary)) {
  const { kept, entries } = keptAfter([['aaa', document]]);
  const rollout = rolloutIn(kept);
  const plan = entries.get('shop')?.plan;
  if (plan === undefined) throw new Error('there is no plan');
  const state = toStep(plan, rollout.state, 1, 5, 'passed');
  return { plan, kept: { ...kept, rollouts: { shop: { ...rollout, state } } } };
}

test('a rollout begins with the document that wishes for it', async (t) => {
  const { kept } = keptAfter([
    ['aaa', shop()],
    ['bbb', shop(canary)],
  ]);
  t.match(rolloutIn(kept), {
    name: 'shop',
    routes: ['shop'],
    state: { release: 'shop-1', phase: 'progressing', step: -1, share: 0, beganAt: 1 },
    weights: 1,
    shares: [[1, 0]],
  });
});

test('an edit elsewhere leaves it where it is', async (t) => {
  const { kept } = atStep2();
  const edited = shop(canary, 'v1: {url: "http://c:1"}, v2: {url: "http://b:1", weight: 0}');
  const result = accepted(kept, edited, 9);
  t.strictSame(result.begun, []);
  t.match(rolloutIn(result.kept).state, { step: 1, share: 0.5, stepBeganAt: 5 });
});

test('other steps leave it where it is, or at the last of them', async (t) => {
  const { kept } = atStep2();
  const other = accepted(kept, shop(canary.replace('50%', '20%')), 9).kept;
  t.match(rolloutIn(other), { state: { step: 1, share: 0.2 }, weights: 2 }, 'with its share');
  const one = canary.replace(', { weight: 50%, for: 1m }', '');
  t.match(rolloutIn(accepted(kept, shop(one), 9).kept).state, { step: 0 });
  const three = canary.replace('for: 1m }]', 'for: 1m }, { weight: 60%, for: 1m }]');
  t.match(rolloutIn(accepted(kept, shop(three), 9).kept).state, { step: 1 });
});

test('another version to go to is another release', async (t) => {
  const { kept } = atStep2();
  const versions = 'v1: {url: "http://a:1"}, v3: {url: "http://b:1", weight: 0}';
  const result = accepted(kept, shop(canary.replace('to: v2', 'to: v3'), versions), 9);
  t.strictSame(result.begun, ['shop']);
  t.match(rolloutIn(result.kept).state, { release: 'shop-2', step: -1, share: 0 });
});

test('what was sent back stays back until its rule changes', async (t) => {
  const { kept } = atStep2();
  const rollout = rolloutIn(kept);
  const state = ended(rollout.state, 'rolled_back', 0, 7, 'bad');
  const back = { ...kept, rollouts: { shop: { ...rollout, state } } };
  t.match(rolloutIn(accepted(back, shop(canary), 9).kept).state, { phase: 'rolled_back' });
  const again = accepted(back, shop(canary.replace('1%', '2%')), 9);
  t.match(rolloutIn(again.kept).state, { phase: 'progressing', release: 'shop-2', share: 0 });
});

test('what is complete stays complete, whatever its steps were', async (t) => {
  const { kept } = atStep2();
  const rollout = rolloutIn(kept);
  const state = ended(rollout.state, 'complete', 1, 7, 'good');
  const done = { ...kept, rollouts: { shop: { ...rollout, state } } };
  t.match(rolloutIn(accepted(done, shop(canary.replace('1%', '2%')), 9).kept).state, {
    phase: 'complete',
    share: 1,
  });
});

test('a rollout that left the document is forgotten', async (t) => {
  const { kept } = atStep2();
  t.strictSame(accepted(kept, shop(), 9).kept.rollouts, {});
});

test('an undo is lifted by a change of its route, and by no other', async (t) => {
  const { kept } = keptAfter([['aaa', shop()]]);
  const [route] = shop().routes;
  const written = route === undefined ? '' : writtenText(route);
  const pin = { revision: 1, hash: 'aaa', disabled: [], written };
  const pinned = { ...kept, pins: { shop: pin } };
  t.strictSame(accepted(pinned, shop(), 9).kept.pins, { shop: pin });
  const other = shop('', 'v1: {url: "http://a:1", weight: 3}, v2: {url: "http://b:1"}');
  const result = accepted(pinned, other, 9);
  t.strictSame(result.kept.pins, {});
});

test('routes of one group are one rollout', async (t) => {
  const group = '{ strategy: blue-green, group: all, from: v1, to: v2 }';
  const route = (name: string) => `
  - name: ${name}
    match: { host: ${name}.example.com }
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1", weight: 0 } }
    rollout: ${group}`;
  const document = documentOf(`apiVersion: turnout/v1\nroutes:${route('a')}${route('b')}\n`);
  const { kept, entries } = keptAfter([['aaa', document]]);
  t.strictSame([...entries.keys()], ['group all']);
  t.strictSame(kept.rollouts['group all']?.routes, ['a', 'b']);
});
