import * as z from 'zod';
import type { BlueGreen } from '#core/rollout/rule';
import { durationOrOff } from './duration.ts';
import { judgeOfOneSchema } from './judge-schema.ts';
import { name } from './name.ts';
import { common, inCommon } from './rollout-common.ts';

export const blueGreenSchema = z
  .strictObject({
    strategy: z.literal('blue-green').describe("Everybody goes over at once, by a person's word."),
    ...common,
    judge: judgeOfOneSchema.optional().describe('Default off.'),
    group: name.optional().describe('Routes with the same group go over together.'),
    keep: durationOrOff
      .optional()
      .describe('How long the old version is kept as it is afterwards; default 10m.'),
  })
  .transform(
    ({ group, keep = 600_000, ...rest }): BlueGreen => ({
      strategy: 'blue-green',
      ...inCommon(rest, undefined),
      group,
      keepMs: keep,
    }),
  );
