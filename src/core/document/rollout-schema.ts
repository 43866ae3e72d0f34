import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { strategies } from '#core/rollout/rule';
import { abSchema } from './ab-schema.ts';
import { blueGreenSchema } from './blue-green-schema.ts';
import { canarySchema } from './canary-schema.ts';
import { rampedSchema } from './ramped-schema.ts';
import { recreateSchema } from './recreate-schema.ts';
import { shadowSchema } from './shadow-schema.ts';

const isStrategy = mustBe('TN2006', `one of ${strategies.join(', ')}`);
const isRollout = mustBe(
  'TN2006',
  'off, or a mapping such as {strategy: canary, from: v1, to: v2}',
);

/** How the traffic goes from one version to another. `off` lifts that of `defaults`. */
export const rolloutSchema = z.union(
  [
    z.literal('off'),
    z.discriminatedUnion(
      'strategy',
      [recreateSchema, rampedSchema, blueGreenSchema, canarySchema, abSchema, shadowSchema],
      { error: isStrategy },
    ),
  ],
  { error: isRollout },
);
