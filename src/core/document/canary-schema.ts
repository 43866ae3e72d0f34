import * as z from 'zod';
import { defaultJudge } from '#core/judge/rule';
import type { Canary } from '#core/rollout/rule';
import { judgeSchema } from './judge-schema.ts';
import { common, inCommon } from './rollout-common.ts';
import { stepsSchema } from './step-schema.ts';

export const canarySchema = z
  .strictObject({
    strategy: z.literal('canary').describe('Step by step, with the judge between the steps.'),
    ...common,
    judge: judgeSchema.optional().describe('Default on.'),
    steps: stepsSchema,
  })
  .transform(
    ({ steps, ...rest }): Canary => ({
      strategy: 'canary',
      ...inCommon(rest, defaultJudge),
      steps,
    }),
  );
