import { test } from 'tap';
import type { Verb } from '../../../src/core/rollout/command.ts';
import { beginning, ended, toStep } from '../../../src/core/rollout/next-state.ts';
import { obey } from '../../../src/core/rollout/obey.ts';
import type { Strategy } from '../../../src/core/rollout/rule.ts';
import type { RolloutState } from '../../../src/core/rollout/state.ts';
import { command, planFor, seen } from './made-up.ts';

type RolloutVerb = Exclude<Verb, 'undo' | 'disable' | 'enable'>;

interface Case {
  readonly strategy?: Strategy;
  readonly step?: number;
  readonly more?: Partial<RolloutState>;
  readonly verb: RolloutVerb;
  readonly with?: object;
  readonly ready?: number;
}

function obeyed({ strategy = 'canary', step = 0, more = {}, verb, with: told, ready = 1 }: Case) {
  const plan = planFor(strategy);
  const state = { ...toStep(plan, beginning(plan, 'shop-1', 0, ''), step, 0, ''), ...more };
  const endpoints = { old: 1, oldReady: 1, new: 1, newReady: ready };
  const occasion = { seen: seen({ endpoints }), now: 100, newRelease: 'shop-2' };
  return obey(plan, state, { ...command(verb, told), verb }, occasion);
}

const byStep = { phase: 'paused', pausedBy: 'step' } as const;
const byJudge = { phase: 'paused', pausedBy: 'judge' } as const;
const byPerson = { phase: 'paused', pausedBy: 'person' } as const;
const over = (phase: 'complete' | 'rolled_back' | 'aborted') => ({ phase, endedAt: 50 });

for (const { says, of, is } of [
  {
    says: 'pause holds the steps, and says who did it',
    of: { verb: 'pause', with: { reason: 'lunch' } },
    is: {
      kind: 'pause',
      state: { phase: 'paused', pausedBy: 'person', reason: 'paused by ann: lunch' },
    },
  },
  {
    says: 'resume after a person goes on in the same step',
    of: { verb: 'resume', step: 1, more: byPerson },
    is: {
      kind: 'resume',
      state: { phase: 'progressing', step: 1, stepBeganAt: 0 },
      isFresh: false,
    },
  },
  {
    says: 'resume after a pause of the plan goes to the next step',
    of: { verb: 'resume', step: 2, more: byStep },
    is: { kind: 'resume', state: { phase: 'progressing', step: 3, share: 0.5 } },
  },
  {
    says: 'resume after the judge watches anew',
    of: { verb: 'resume', step: 1, more: byJudge },
    is: { kind: 'resume', state: { step: 1, stepBeganAt: 100, release: 'shop-2' }, isFresh: true },
  },
  {
    says: 'resume after an abort begins again at the first step',
    of: { verb: 'resume', step: 2, more: over('aborted') },
    is: {
      kind: 'begin',
      state: { phase: 'progressing', step: -1, release: 'shop-2' },
      isFresh: true,
    },
  },
  {
    says: 'promote goes to the next step',
    of: { verb: 'promote' },
    is: { kind: 'step', state: { step: 1, share: 0.1 } },
  },
  {
    says: 'promote after the last step ends it',
    of: { verb: 'promote', step: 3 },
    is: { kind: 'promote', state: { phase: 'complete', share: 1 } },
  },
  {
    says: 'promote --full ends it at once',
    of: { verb: 'promote', with: { isForced: true } },
    is: { kind: 'promote', state: { phase: 'complete', share: 1 } },
  },
  {
    says: 'abort gives everything back, also while it is paused',
    of: { verb: 'abort', step: 3, more: byPerson },
    is: { kind: 'abort', state: { phase: 'aborted', share: 0, reason: 'aborted by ann' } },
  },
  {
    says: 'switch moves everything at once',
    of: { strategy: 'blue-green', verb: 'switch', with: { version: 'v2' } },
    is: { kind: 'switch', state: { share: 1, step: 1 } },
  },
  {
    says: 'switch back is a switch',
    of: { strategy: 'blue-green', step: 1, verb: 'switch', with: { version: 'v1' } },
    is: { kind: 'switch', state: { share: 0, step: 0 } },
  },
  {
    says: 'switch after an undo wants it to be looked at first',
    of: { strategy: 'blue-green', verb: 'switch', more: over('aborted') },
    is: { kind: 'refused', reason: /v2 was sent back: `turnout resume` first/ },
  },
  {
    says: 'switch --force after an undo begins a new release',
    of: {
      strategy: 'blue-green',
      verb: 'switch',
      more: over('aborted'),
      with: { isForced: true },
    },
    is: { kind: 'switch', state: { share: 1, release: 'shop-2' }, isFresh: true },
  },
  {
    says: 'switch to a version that is not ready is refused',
    of: { strategy: 'blue-green', verb: 'switch', ready: 0 },
    is: { kind: 'refused', reason: /v2 has 1 endpoint ready, not 0; --force/ },
  },
  {
    says: 'promote of a blue-green looks at readiness too',
    of: { strategy: 'blue-green', verb: 'promote', ready: 0 },
    is: { kind: 'refused' },
  },
  {
    says: 'switch --force does not look',
    of: { strategy: 'blue-green', verb: 'switch', ready: 0, with: { isForced: true } },
    is: { kind: 'switch', state: { share: 1 } },
  },
  { says: 'a canary has no switch', of: { verb: 'switch' }, is: { kind: 'refused' } },
  { says: 'pause twice is refused', of: { verb: 'pause', more: byStep }, is: { kind: 'refused' } },
  { says: 'resume while it goes is refused', of: { verb: 'resume' }, is: { kind: 'refused' } },
  {
    says: 'abort of what is complete names the verb that fits',
    of: { verb: 'abort', more: over('complete') },
    is: { kind: 'refused', reason: /turnout undo/ },
  },
  {
    says: 'nothing is promoted twice',
    of: { verb: 'promote', more: over('complete') },
    is: { kind: 'refused' },
  },
] satisfies readonly { says: string; of: Case; is: object }[]) {
  test(says, async (t) => {
    t.match(obeyed(of), is);
  });
}

test('what is over has no copies, no held requests, and a time', async (t) => {
  const plan = planFor('shadow');
  const state = beginning(plan, 'shop-1', 0, '');
  t.match(ended(state, 'aborted', 0, 7, 'so'), { isMirrored: false, isHeld: false, endedAt: 7 });
});
