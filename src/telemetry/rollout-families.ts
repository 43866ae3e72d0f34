import { type VerdictKind, verdicts } from '#core/judge/verdict';
import { phases } from '#core/rollout/state';
import type { RevisionKind, RolloutStatus } from '#core/rollout/status';
import type { Family, Sample } from './family.ts';

/** What is known of the rollouts: as it was at the last look. */
export interface RolloutFacts {
  readonly rollouts: () => readonly { readonly route: string; readonly status: RolloutStatus }[];
  /** How often something was decided, by route. */
  readonly transitions: () => readonly {
    readonly route: string;
    readonly transition: RevisionKind;
    readonly count: number;
  }[];
  /** Weights that routes have for a while, and for how much longer. */
  readonly overlays: () => readonly { readonly route: string; readonly leftMs: number }[];
}

/** Nothing is rolled out. */
export const noRollouts: RolloutFacts = {
  rollouts: () => [],
  transitions: () => [],
  overlays: () => [],
};

type Told = ReturnType<RolloutFacts['rollouts']>[number];

/** Returns the metrics of the rollouts. */
export function rolloutFamilies({
  rollouts,
  transitions,
  overlays,
}: RolloutFacts): readonly Family[] {
  const each = (read: (told: Told) => readonly Sample[]) => () => [rollouts().flatMap(read)];
  const number = (read: (status: RolloutStatus) => number | undefined) =>
    each(({ route, status }) => {
      const value = read(status);
      return value === undefined ? [] : [{ value, labels: { route } }];
    });
  return [
    {
      name: 'turnout_rollout_info',
      help: '1 for each route with a rollout, with its strategy and versions.',
      type: 'gauge',
      labels: ['route', 'strategy', 'from', 'to'],
      read: each(({ route, status: { strategy, from, to } }) => [
        { value: 1, labels: { route, strategy, from, to } },
      ]),
    },
    {
      name: 'turnout_rollout_phase',
      help: '1 for the phase that a rollout is in, 0 for the others.',
      type: 'gauge',
      labels: ['route', 'phase'],
      read: each(({ route, status }) => oneOf(phases, status.phase, 'phase', route)),
    },
    {
      name: 'turnout_rollout_verdict',
      help: '1 for what the judge says of a step, 0 for the others; nothing where none judges.',
      type: 'gauge',
      labels: ['route', 'verdict'],
      read: each(({ route, status: { verdict } }) =>
        verdict === undefined ? [] : oneOf<VerdictKind>(verdicts, verdict.kind, 'verdict', route),
      ),
    },
    {
      name: 'turnout_rollout_step',
      help: 'The step that a rollout is in, from 1.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ step }) => step),
    },
    {
      name: 'turnout_rollout_steps',
      help: 'How many steps a rollout has.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ steps }) => steps),
    },
    {
      name: 'turnout_rollout_share_ratio',
      help: 'Share of the traffic of both versions that the new one should have, 0 to 1.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ share }) => share),
    },
    {
      name: 'turnout_rollout_needed_requests',
      help: 'About how many more requests to the new version there must be until a verdict.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ verdict }) => verdict?.needed?.requests),
    },
    {
      name: 'turnout_rollout_evidence_log',
      help: 'Natural logarithm of the evidence that the new version is worse.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ verdict }) => verdict?.logE),
    },
    {
      name: 'turnout_rollout_evidence_line_log',
      help: 'Natural logarithm of the evidence at which that is proven.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ verdict }) => verdict && -Math.log(verdict.alpha)),
    },
    {
      name: 'turnout_sample_ratio_mismatch',
      help: '1 where the units that were counted do not fit the weights in force.',
      type: 'gauge',
      labels: ['route'],
      read: number(({ verdict }) => verdict && (verdict.sampleRatioP < 0.001 ? 1 : 0)),
    },
    {
      name: 'turnout_rollout_transitions_total',
      help: 'What was decided of rollouts, by a person or by the judge.',
      type: 'counter',
      labels: ['route', 'transition'],
      read: () => [
        transitions().map(({ route, transition, count }) => ({
          value: count,
          labels: { route, transition },
        })),
      ],
    },
    {
      name: 'turnout_overlay_left_seconds',
      help: 'For how much longer a route has weights for a while; nothing where it has none.',
      type: 'gauge',
      labels: ['route'],
      read: () => [
        overlays().map(({ route, leftMs }) => ({ value: leftMs / 1_000, labels: { route } })),
      ],
    },
  ];
}

function oneOf<Word extends string>(
  words: readonly Word[],
  is: Word,
  label: string,
  route: string,
): readonly Sample[] {
  return words.map((word) => ({ value: word === is ? 1 : 0, labels: { route, [label]: word } }));
}
