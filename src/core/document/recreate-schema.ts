import * as z from 'zod';
import type { Recreate } from '#core/rollout/rule';
import { duration } from './duration.ts';
import { judgeOfOneSchema } from './judge-schema.ts';
import { common, inCommon } from './rollout-common.ts';

export const recreateSchema = z
  .strictObject({
    strategy: z.literal('recreate').describe('The old version stops, requests wait for the new.'),
    ...common,
    judge: judgeOfOneSchema.optional().describe('Default off.'),
    hold: duration.optional().describe('How long a request waits at most; default 30s.'),
  })
  .transform(
    ({ hold = 30_000, ...rest }): Recreate => ({
      strategy: 'recreate',
      ...inCommon(rest, undefined),
      holdMs: hold,
    }),
  );
