import * as z from 'zod';
import { exactlyOneOf, mustBe, mustHave } from '#core/conditions/expectation';
import { whenSchema } from '#core/conditions/registry';
import type { FaultRule } from '#core/routing/rules';
import { duration } from './duration.ts';
import { name } from './name.ts';
import { percent } from './percent.ts';
import { wholeNumber } from './whole-number.ts';

const share = percent.optional().describe('Of the requests it is about; default 100%.');

const delay = z.strictObject(
  { time: duration.describe('How long a request is kept waiting.'), percent: share },
  { error: mustBe('TN2001', 'a mapping such as {time: 200ms, percent: 10%}') },
);

const abort = z
  .strictObject(
    {
      status: wholeNumber(400, 599).optional().describe('What is answered in place of a version.'),
      reset: z
        .literal(true, { error: mustBe('TN2006', 'true') })
        .optional()
        .describe('The connection is reset instead.'),
      percent: share,
    },
    { error: mustBe('TN2001', 'a mapping such as {status: 503, percent: 5%}') },
  )
  .superRefine(exactlyOneOf('status', 'reset'));

/** Trouble made on purpose, to see what clients make of it. */
export const faultSchema = z
  .strictObject(
    {
      when: whenSchema.optional().describe('Which requests it is about; absent: all.'),
      version: name.optional().describe('Only those that this version would serve.'),
      delay: delay.optional().describe('Lets requests wait.'),
      abort: abort.optional().describe('Answers them with an error, or not at all.'),
    },
    { error: mustBe('TN2001', 'a mapping of when, version, delay, abort') },
  )
  .refine((rule) => 'delay' in rule || 'abort' in rule, {
    error: mustHave('TN2003', 'at least one of delay, abort'),
  })
  .transform(
    (rule): FaultRule => ({
      when: rule.when,
      version: rule.version,
      delayMs: rule.delay?.time ?? 0,
      delayPercent: percentOf(rule.delay),
      abortStatus: rule.abort?.status ?? 0,
      abortPercent: percentOf(rule.abort),
    }),
  );

function percentOf(part: { readonly percent?: number | undefined } | undefined): number {
  return part === undefined ? 0 : (part.percent ?? 100);
}
