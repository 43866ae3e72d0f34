import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import type { EjectionRule } from '#core/routing/rules';
import { defaultEjection } from './defaults.ts';
import { duration } from './duration.ts';
import { percent } from './percent.ts';
import { wholeNumber } from './whole-number.ts';

const isEjection = mustBe('TN2006', 'off, or a mapping of failures, for, max');

/** When an endpoint that fails is left out for a while; `off` comes out as no rule. */
export const ejectionSchema = z.union(
  [
    z
      .literal('off')
      .transform((): { readonly rule: EjectionRule | undefined } => ({ rule: undefined })),
    z
      .strictObject(
        {
          failures: wholeNumber(1, 1_000).optional().describe('So many in a row; default 5.'),
          for: duration.optional().describe('Longer each time it happens again; default 30s.'),
          max: percent
            .optional()
            .describe('Of the endpoints of a version at once, never the last; default 10%.'),
        },
        { error: isEjection },
      )
      .transform(({ failures, for: forMs, max }): { readonly rule: EjectionRule | undefined } => ({
        rule: {
          failures: failures ?? defaultEjection.failures,
          forMs: forMs ?? defaultEjection.forMs,
          maxPercent: max ?? defaultEjection.maxPercent,
        },
      })),
  ],
  { error: isEjection },
);
