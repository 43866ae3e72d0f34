import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import {
  defaultJudge,
  type JudgeRule,
  type LatencyRule,
  type Percentile,
  percentiles,
} from '#core/judge/rule';
import { chance } from './chance.ts';
import { duration, durationOrOff } from './duration.ts';
import { margin, passMargin } from './margin.ts';
import { share, shareAboveZero } from './share.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const isErrors = mustBe('TN2006', 'off, or a mapping of margin, min');
const isLatency = mustBe('TN2006', 'off, or a mapping of percentile, margin, min');
const isPercentile = mustBe('TN2006', `one of ${percentiles.join(', ')}`);

const errors = z.union(
  [
    z.literal('off'),
    z.strictObject(
      {
        margin: margin(1)
          .optional()
          .describe('How many times as many failures are still tolerated; default 1.25.'),
        min: share.optional().describe('By how much more must fail to matter; default 0.1%.'),
      },
      { error: isErrors },
    ),
  ],
  { error: isErrors },
);

const latency = z.union(
  [
    z.literal('off'),
    z.strictObject(
      {
        percentile: z
          .literal(percentiles, { error: isPercentile })
          .optional()
          .describe('90, 95 or 99 of the stable version; default all three together.'),
        margin: margin(1)
          .optional()
          .describe('How many times as many slow answers are still tolerated; default 1.25.'),
        min: duration
          .optional()
          .describe('By how much the percentile must be higher to matter; default 5ms.'),
      },
      { error: isLatency },
    ),
  ],
  { error: isLatency },
);

const pass = z.strictObject(
  {
    margin: passMargin
      .optional()
      .describe('A pass shows that it is not so many times as bad; default 2.'),
    negligible: shareAboveZero
      .optional()
      .describe('Or that less than so many fail at all; default 0.1%.'),
  },
  { error: mustBe('TN2001', 'a mapping of margin, negligible') },
);

/** What is said of the judge where one version is all there is to look at. */
const ofOne = {
  alpha: chance.optional().describe('The chance to call a good version bad; default 0.01.'),
  minUnits: wholeNumber(1, 1_000_000)
    .optional()
    .describe('Users that the new version must have had before silence says anything; default 50.'),
  dryRun: trueOrFalse.optional().describe('Verdicts are told and nothing acts on them.'),
};

const isJudge = mustBe('TN2006', 'off, or a mapping such as {errors: {margin: 1.25}}');

/** How a version is judged beside the one it takes the place of. `off`: not at all. */
export const judgeSchema = z.union(
  [
    z.literal('off'),
    z
      .strictObject(
        {
          ...ofOne,
          beta: chance
            .optional()
            .describe('The chance, at each step, that a version too bad may pass; default 0.05.'),
          warmUp: durationOrOff
            .optional()
            .describe('How young endpoints are left out of the judging of latency; default 60s.'),
          slo: shareAboveZero
            .optional()
            .describe('More failures than that are never accepted; default: as the other version.'),
          errors: errors.optional().describe('Of failures; off: they are not judged.'),
          latency: latency.optional().describe('Of slow answers; off: they are not judged.'),
          pass: pass.optional().describe('What it takes to pass.'),
        },
        { error: isJudge },
      )
      .refine((rule) => rule.slo !== undefined || rule.errors !== 'off' || rule.latency !== 'off', {
        error: mustHave('TN2003', 'one of errors, latency, slo', 'judge: off judges nothing'),
      })
      .transform(
        ({
          alpha = defaultJudge.alpha,
          beta = defaultJudge.beta,
          minUnits = defaultJudge.minUnits,
          warmUp = defaultJudge.warmUpMs,
          slo,
          dryRun = defaultJudge.dryRun,
          errors: ofErrors = {},
          latency: ofLatency = {},
          pass: ofPass = {},
        }): JudgeRule => ({
          alpha,
          beta,
          minUnits,
          warmUpMs: warmUp,
          slo,
          dryRun,
          errors: ofErrors === 'off' ? undefined : errorsRule(ofErrors),
          latency: ofLatency === 'off' ? undefined : latencyRule(ofLatency),
          pass: {
            margin: ofPass.margin ?? defaultJudge.pass.margin,
            negligible: ofPass.negligible ?? defaultJudge.pass.negligible,
          },
        }),
      ),
  ],
  { error: isJudge },
);

const isJudgeOfOne = mustBe('TN2006', 'off, or a mapping such as {slo: 1%}');

/** The same where there is nothing to compare with: only a bound of failures can be kept. */
export const judgeOfOneSchema = z.union(
  [
    z.literal('off'),
    z
      .strictObject(
        { ...ofOne, slo: shareAboveZero.describe('More failures than that are not accepted.') },
        { error: isJudgeOfOne },
      )
      .transform(
        ({
          alpha = defaultJudge.alpha,
          minUnits = defaultJudge.minUnits,
          slo,
          dryRun = defaultJudge.dryRun,
        }): JudgeRule => ({
          ...defaultJudge,
          alpha,
          minUnits,
          slo,
          dryRun,
          errors: undefined,
          latency: undefined,
        }),
      ),
  ],
  { error: isJudgeOfOne },
);

function errorsRule({
  margin: ratio = 1.25,
  min = 0.001,
}: {
  readonly margin?: number | undefined;
  readonly min?: number | undefined;
}): JudgeRule['errors'] {
  return { margin: ratio, min };
}

function latencyRule({
  percentile,
  margin: ratio = 1.25,
  min = 5,
}: {
  readonly percentile?: Percentile | undefined;
  readonly margin?: number | undefined;
  readonly min?: number | undefined;
}): LatencyRule {
  return { percentile, margin: ratio, minMs: min };
}
