import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { oneOrMore } from '#core/conditions/one-or-more';
import type { Retries } from '#core/routing/rules';
import { defaultRetries } from './defaults.ts';
import { percent } from './percent.ts';
import { wholeNumber } from './whole-number.ts';

const isRetries = mustBe('TN2006', 'off, or a mapping of attempts, statuses, budget');
const isStatus = mustBe('TN2010', '429 or a whole number from 500 to 599');
const status = z
  .number({ error: isStatus })
  .refine((code) => code === 429 || (Number.isInteger(code) && code >= 500 && code <= 599), {
    error: isStatus,
  });

/** How often a request that got no answer may be sent again. */
export const retriesSchema = z.union(
  [
    z.literal('off').transform((): Retries => ({ ...defaultRetries, attempts: 0 })),
    z
      .strictObject(
        {
          attempts: wholeNumber(0, 5).optional().describe('How often at most; default 1.'),
          statuses: oneOrMore(status, isStatus)
            .optional()
            .describe('Answers that are asked for again: 429, 500 to 599. Default none.'),
          budget: percent
            .optional()
            .describe('How many retries beside the requests of a version; default 20%.'),
        },
        { error: isRetries },
      )
      .transform(
        ({ attempts, statuses, budget }): Retries => ({
          attempts: attempts ?? defaultRetries.attempts,
          statuses: statuses ?? defaultRetries.statuses,
          budgetPercent: budget ?? defaultRetries.budgetPercent,
        }),
      ),
  ],
  { error: isRetries },
);
