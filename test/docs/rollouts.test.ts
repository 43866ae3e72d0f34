import { test } from 'tap';
import type { Verb } from '#core/rollout/command';
import type { Gate, Plan, Step, StepEnd } from '#core/rollout/plan';
import { beginning, ended, toStep } from '../../src/core/rollout/next-state.ts';
import { obey } from '../../src/core/rollout/obey.ts';
import { percentText } from '../../src/core/rollout/percent-text.ts';
import { spanText } from '../../src/core/rollout/span-text.ts';
import { phases, type RolloutState } from '../../src/core/rollout/state.ts';
import { command, planFor, seen, share as stepOf } from '../core/rollout/made-up.ts';
import { pageAt } from './pages.ts';

const { prose } = pageAt('docs/reference/rollouts.md');

/** The rows of the table between two marks, as cells, without its head. */
function rowsOf(name: string): readonly (readonly string[])[] {
  const [, table = ''] = prose.split(`<!-- ${name}:begin -->`);
  const rows = table.split(`<!-- ${name}:end -->`)[0]?.trim().split('\n').slice(2) ?? [];
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('the page has every phase', async (t) => {
  const told = [...prose.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name);
  for (const phase of phases) t.ok(told.includes(phase), phase);
});

const minute = 60_000;
const plans = [
  ['`recreate`', planFor('recreate')],
  ['`ramped`', planFor('ramped', { by: { kind: 'batches', batches: 2, everyMs: 30_000 } })],
  ['`ramped`, `follow: endpoints`', planFor('ramped', { by: { kind: 'endpoints' } })],
  ['`blue-green`', planFor('blue-green')],
  [
    '`canary`',
    planFor('canary', { steps: [stepOf(10, { ready: 2 }), { kind: 'pause' }, stepOf(50)] }),
  ],
  ['`ab`', planFor('ab')],
  [
    '`ab` with a `goal`',
    planFor('ab', { goal: { when: {}, statuses: [200, 299], alpha: 0.05, atMostMs: minute } }),
  ],
  ['`shadow`', planFor('shadow')],
  ['`shadow`, `onPass: promote`', planFor('shadow', { onPass: 'promote' })],
] as const;

function gateText(gate: Gate): string {
  switch (gate.kind) {
    case 'ready':
      return `\`to\` has ${gate.endpoints} ready endpoint${gate.endpoints === 1 ? '' : 's'}`;
    case 'ready_part':
      return `${percentText(gate.part)} of the endpoints of \`to\` are ready`;
    case 'ready_as_old':
      return '`to` has as many ready endpoints as `from`';
    case 'old_goes':
      return 'an endpoint of `from` is not ready any more';
    case 'old_idle':
      return '`from` has no request any more';
  }
}

function endText(end: StepEnd): string {
  switch (end.kind) {
    case 'verdict':
      return 'with PASS, not before `for`; after `atMost` as `onUndecided` says';
    case 'time':
      return `after ${spanText(end.forMs)}`;
    case 'person':
      return 'when a person says so';
    case 'goal':
      return 'when the goal is decided; after `atMost` as `onUndecided` says';
    case 'gates':
      return 'when the next may begin';
    case 'endpoints':
      return 'when only endpoints of `to` are ready';
  }
}

function shareOf({ strategy }: Plan, { isHeld, share, end }: Step): string {
  if (isHeld) return 'requests wait';
  if (end.kind === 'endpoints') return 'the share of its ready endpoints';
  return strategy === 'ab' ? 'as it is written' : percentText(share);
}

const gatesText = (gates: readonly Gate[]) => gates.map(gateText).join(' and ') || 'at once';

test('the page has the steps of every strategy, as they are planned', async (t) => {
  const planned = plans.flatMap(([name, plan]) => [
    ...plan.steps.map((step, index) => [
      index === 0 ? name : '',
      `${index + 1}: ${step.text.replaceAll('v1', '`from`').replaceAll('v2', '`to`')}`,
      shareOf(plan, step),
      gatesText(step.gates),
      endText(step.end),
    ]),
    ...(plan.gates.length === 0 ? [] : [['', '`complete`', '100 %', gatesText(plan.gates), '']]),
  ]);
  t.comment(planned.map((row) => `| ${row.join(' | ')} |`).join('\n'));
  t.strictSame(rowsOf('steps'), planned);
});

type RolloutVerb = Exclude<Verb, 'undo' | 'disable' | 'enable'>;

/** What a verb makes of a state, in the words of the page. */
function obeyedText(
  strategy: 'canary' | 'blue-green',
  state: RolloutState,
  verb: RolloutVerb,
  told: object,
): string {
  const plan = planFor(strategy);
  const occasion = { seen: seen(), now: 100, newRelease: 'shop-2' };
  const obeyed = obey(plan, state, { ...command(verb, told), verb }, occasion);
  if (obeyed.kind === 'refused') return '–';
  const { phase, step, release } = obeyed.state;
  if (phase !== 'progressing') return `\`${phase}\``;
  if (strategy === 'blue-green')
    return step === 0 ? '`from` has everything' : '`to` has everything';
  if (release !== state.release && step <= 0 && state.endedAt !== undefined) return 'begins anew';
  if (step === state.step + 1) return 'the next step';
  return release === state.release ? 'goes on in the step' : 'goes on in the step, evidence anew';
}

const canary = planFor('canary');
const at = (step: number, more: Partial<RolloutState> = {}): RolloutState => ({
  ...toStep(canary, beginning(canary, 'shop-1', 0, ''), step, 0, ''),
  ...more,
});
const byWhom = [
  at(1),
  at(1, { phase: 'paused', pausedBy: 'person' }),
  at(2, { phase: 'paused', pausedBy: 'step' }),
  at(1, { phase: 'paused', pausedBy: 'judge' }),
  ended(at(3), 'complete', 1, 0, ''),
] as const;

test('the page has what every verb does in every phase', async (t) => {
  const verbs = [
    ['`pause`', 'pause', {}],
    ['`resume`', 'resume', {}],
    ['`promote`', 'promote', {}],
    ['`promote --full`', 'promote', { isForced: true }],
    ['`abort`', 'abort', {}],
    ['`switch`', 'switch', { version: 'v2' }],
  ] as const;
  const rows = verbs.map(([name, verb, told]) => {
    const sentBack = (['rolled_back', 'aborted'] as const).map((phase) =>
      obeyedText('canary', ended(at(1), phase, 0, 0, ''), verb, told),
    );
    t.equal(sentBack[0], sentBack[1], name);
    return [
      name,
      ...byWhom.map((state) => obeyedText('canary', state, verb, told)),
      sentBack[0] ?? '',
    ];
  });
  t.comment(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
  t.strictSame(rowsOf('verbs'), rows);
});

test('the page has what the verbs do to a blue-green release', async (t) => {
  const plan = planFor('blue-green');
  const begun = beginning(plan, 'shop-1', 0, '');
  const states = [begun, toStep(plan, begun, 1, 0, ''), ended(begun, 'complete', 1, 0, '')];
  const verbs = [
    ['`switch ROUTE to`', 'switch', { version: 'v2' }],
    ['`switch ROUTE from`', 'switch', { version: 'v1' }],
    ['`promote`', 'promote', {}],
    ['`abort`', 'abort', {}],
  ] as const;
  const rows = verbs.map(([name, verb, told]) => [
    name,
    ...states.map((state) => obeyedText('blue-green', state, verb, told)),
  ]);
  t.comment(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
  t.strictSame(rowsOf('switch'), rows);
});
