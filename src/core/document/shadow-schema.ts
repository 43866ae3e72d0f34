import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { defaultJudge } from '#core/judge/rule';
import type { Shadow } from '#core/rollout/rule';
import { atMostBehind, timesAsLong } from './at-most.ts';
import { duration } from './duration.ts';
import { judgeSchema } from './judge-schema.ts';
import { common, inCommon } from './rollout-common.ts';
import { share } from './share.ts';

const defaultForMs = 600_000;

export const shadowSchema = z
  .strictObject({
    strategy: z.literal('shadow').describe('The new version gets copies and answers nobody.'),
    ...common,
    judge: judgeSchema.optional().describe('Default on.'),
    for: duration.optional().describe('How long at least; default 10m.'),
    atMost: duration.optional().describe('When onUndecided acts; default 4 times as long.'),
    differences: share.optional().describe('How many answers may differ; default 1%.'),
    onPass: z
      .enum(['pause', 'promote'], { error: mustBe('TN2006', 'one of pause, promote') })
      .optional()
      .describe('pause waits for a person, promote gives it everything; default pause.'),
  })
  .superRefine((rule, context) => atMostBehind(rule, context, rule.for ?? defaultForMs))
  .transform(
    ({
      for: forMs = defaultForMs,
      atMost = timesAsLong * forMs,
      differences = 0.01,
      onPass = 'pause',
      ...rest
    }): Shadow => ({
      strategy: 'shadow',
      ...inCommon(rest, defaultJudge),
      forMs,
      atMostMs: atMost,
      differences,
      onPass,
    }),
  );
