import { test } from 'tap';
import type { Document } from '../../src/core/document/document.ts';
import { ended, toStep } from '../../src/core/rollout/next-state.ts';
import { writtenText } from '../../src/rollout/accepted.ts';
import { recorded, withRollout } from '../../src/rollout/change.ts';
import type { Kept } from '../../src/rollout/kept.ts';
import { undone } from '../../src/rollout/undo.ts';
import { type Accepting, canary, keptAfter, shop } from './made-up.ts';

type History = readonly (readonly [hash: string, Document])[];

function undo(kept: Kept, history: History, toRevision?: number) {
  const textOf = (document: Document | undefined, name: string) => {
    const rule = document?.routes.find((route) => route.name === name);
    return rule && writtenText(rule);
  };
  return undone(kept, {
    route: 'shop',
    toRevision,
    reason: 'undone by ann',
    now: 99,
    written: (name) => textOf(history.at(-1)?.[1], name),
    writtenAt: (hash, name) => textOf(new Map(history).get(hash), name),
  });
}

/** Moves the rollout on, and records it. */
function moved({ kept, entries }: Accepting, to: 'step' | 'complete'): Kept {
  const rollout = kept.rollouts.shop;
  const plan = entries.get('shop')?.plan;
  if (rollout === undefined || plan === undefined) throw new Error('there is no rollout');
  const state =
    to === 'step'
      ? toStep(plan, rollout.state, 1, 50, 'passed')
      : ended(rollout.state, 'complete', 1, 50, 'passed');
  const kind = to === 'step' ? 'step' : 'promote';
  const what = { kind, route: 'shop', reason: 'passed', changes: [], isWayBack: false } as const;
  const change = { ...what, kept: withRollout(kept, { ...rollout, state }) };
  return recorded(change, entries, { who: 'turnout', at: 50, hash: 'aaa', limit: 10 });
}

const release: History = [['aaa', shop(canary)]];

for (const to of ['step', 'complete'] as const) {
  test(`a release that is at ${to} is sent back by an undo`, async (t) => {
    const result = undo(moved(keptAfter(release), to), release);
    t.match(result, {
      kind: 'done',
      kept: { rollouts: { shop: { state: { phase: 'aborted', share: 0, endedAt: 99 } } } },
    });
    t.match(result, { kept: { pins: {} } }, 'and the document is as it was');
  });
}

test('an undo of an undo brings the release back as it was when nothing was under way', async (t) => {
  const accepting = keptAfter(release);
  const kept = moved(accepting, 'complete');
  const back = undo(kept, release);
  if (back.kind !== 'done') throw new Error('it was not undone');
  const again = undo(back.kept, release);
  t.match(again, {
    kind: 'done',
    kept: { pins: { shop: { revision: 2, share: 1, disabled: [] } } },
  });
});

const weights = (v1: number, v2: number) =>
  shop('', `v1: {url: "http://a:1", weight: ${v1}}, v2: {url: "http://b:1", weight: ${v2}}`);
const edits: History = [
  ['aaa', weights(9, 1)],
  ['bbb', weights(5, 5)],
];

test('without a rollout an undo goes to the document before', async (t) => {
  const { kept } = keptAfter(edits);
  t.match(undo(kept, edits), {
    kind: 'done',
    kept: { pins: { shop: { revision: 1, hash: 'aaa', share: undefined, disabled: [] } } },
    changes: ['shop: as at revision 1'],
  });
});

test('an undo goes to the revision that is named', async (t) => {
  const { kept } = keptAfter([...edits, ['ccc', weights(1, 9)]]);
  const history: History = [...edits, ['ccc', weights(1, 9)]];
  t.match(undo(kept, history, 1), { kept: { pins: { shop: { revision: 1, hash: 'aaa' } } } });
  t.match(undo(kept, history, 2), { kept: { pins: { shop: { revision: 2, hash: 'bbb' } } } });
});

test('to an older revision a release under way is ended', async (t) => {
  const kept = moved(keptAfter(release), 'step');
  t.match(undo(kept, release, 1), {
    kept: {
      pins: { shop: { revision: 1, share: 0 } },
      rollouts: { shop: { state: { phase: 'aborted' } } },
    },
  });
});

test('what cannot be undone is said', async (t) => {
  const one = edits.slice(0, 1);
  const { kept } = keptAfter(one);
  t.match(undo(kept, one), { kind: 'conflict', message: /nothing to go back to/ });
  t.match(undo(kept, one, 7), {
    kind: 'not_found',
    message: 'there is no revision 7; the oldest that is kept is 1',
  });
});
