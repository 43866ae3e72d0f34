import * as z from 'zod';
import { exactlyOneOf, mustBe, mustHave } from '#core/conditions/expectation';
import type { StepRule } from '#core/rollout/rule';
import { atMostBehind, timesAsLong } from './at-most.ts';
import { duration } from './duration.ts';
import { passMargin } from './margin.ts';
import { percent } from './percent.ts';
import { wholeNumber } from './whole-number.ts';

const stepSchema = z
  .strictObject(
    {
      weight: percent
        .refine((share) => share > 0, {
          error: mustBe('TN2023', 'a percentage above 0% and at most 100%'),
        })
        .optional()
        .describe('The share of users that the new version has.'),
      for: duration.optional().describe('How long at least.'),
      atMost: duration.optional().describe('When onUndecided acts; default 4 times as long.'),
      ready: wholeNumber(1, 1_000)
        .optional()
        .describe('Ready endpoints of the new version before the step begins; default 1.'),
      pass: z
        .strictObject(
          { margin: passMargin.describe('In place of that of the judge.') },
          { error: mustBe('TN2001', 'a mapping such as {margin: 5}') },
        )
        .optional()
        .describe('What it takes to pass this step.'),
      pause: z
        .literal(true, { error: mustBe('TN2006', 'true') })
        .optional()
        .describe('Until a person resumes it; alone in its step.'),
    },
    { error: mustBe('TN2001', 'a mapping such as {weight: 10%, for: 10m} or {pause: true}') },
  )
  .superRefine(exactlyOneOf('weight', 'pause'))
  .superRefine((step, context) => {
    const beside = Object.keys(step).filter((key) => key !== 'pause' && key !== 'weight');
    if ('pause' in step && !('weight' in step) && beside.length > 0) {
      const message = mustHave('TN2003', `nothing beside pause; it has ${beside.join(', ')}`);
      context.addIssue({ code: 'custom', message });
    }
    if ('weight' in step && !('for' in step)) {
      const hint = 'for says how long the step takes at least';
      context.addIssue({ code: 'custom', message: mustHave('TN2002', 'a key "for"', hint) });
    }
    atMostBehind(step, context);
  })
  .transform(
    ({ weight, for: forMs = 0, atMost = timesAsLong * forMs, ready = 1, pass }): StepRule =>
      weight === undefined
        ? { kind: 'pause' }
        : {
            kind: 'share',
            percent: weight,
            forMs,
            atMostMs: atMost,
            ready,
            passMargin: pass?.margin,
          },
  );

/** The steps of a canary: each with a larger share than the one before it, pauses between them. */
export const stepsSchema = z
  .array(stepSchema, { error: mustBe('TN2001', 'a list of steps') })
  .describe('After the last the new version has everything.')
  // As a transform it is not asked where a step has a problem of its own.
  .transform((steps, context): readonly StepRule[] => {
    for (const issue of orderIssues(steps)) context.addIssue({ code: 'custom', ...issue });
    return steps;
  });

function orderIssues(steps: readonly StepRule[]) {
  const issues: { readonly path: (string | number)[]; readonly message: string }[] = [];
  let before = 0;
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'pause') continue;
    if (step.percent <= before) {
      const message = mustBe(
        'TN2031',
        `above ${before}%, the weight of the step before it`,
        'a canary only grows; abort takes it back',
      );
      issues.push({ path: [index, 'weight'], message });
    }
    before = step.percent;
  }
  const none = mustHave('TN2005', 'at least one step with a weight');
  return before === 0 ? [{ path: [], message: none }] : issues;
}
