import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isChance = mustBe('TN2028', 'a number above 0 and at most 0.5 such as 0.01');

/** The chance of being wrong that is taken. */
export const chance = z
  .number({ error: isChance })
  .gt(0, { error: isChance })
  .max(0.5, { error: isChance });
