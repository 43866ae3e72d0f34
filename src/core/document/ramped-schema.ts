import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import type { Ramped } from '#core/rollout/rule';
import { duration } from './duration.ts';
import { judgeSchema } from './judge-schema.ts';
import { common, inCommon } from './rollout-common.ts';
import { wholeNumber } from './whole-number.ts';

export const rampedSchema = z
  .strictObject({
    strategy: z.literal('ramped').describe('The share goes over in even parts.'),
    ...common,
    judge: judgeSchema.optional().describe('Default off.'),
    batches: wholeNumber(2, 100).optional().describe('In so many parts; default 10.'),
    every: duration.optional().describe('From part to part; default 30s.'),
    follow: z
      .literal('endpoints', { error: mustBe('TN2006', 'endpoints') })
      .optional()
      .describe('In place of parts: each version has the share of its ready endpoints.'),
  })
  .refine((rule) => rule.follow === undefined || !('batches' in rule || 'every' in rule), {
    error: mustHave('TN2003', 'either follow, or batches and every'),
  })
  .transform(
    ({ batches = 10, every = 30_000, follow, ...rest }): Ramped => ({
      strategy: 'ramped',
      ...inCommon(rest, undefined),
      by:
        follow === undefined ? { kind: 'batches', batches, everyMs: every } : { kind: 'endpoints' },
    }),
  );
