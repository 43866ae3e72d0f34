import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { whenSchema } from '#core/conditions/registry';
import { defaultJudge } from '#core/judge/rule';
import type { AbRule, GoalRule } from '#core/rollout/rule';
import { chance } from './chance.ts';
import { duration } from './duration.ts';
import { judgeSchema } from './judge-schema.ts';
import { common, inCommon } from './rollout-common.ts';
import { statusRange } from './status-range.ts';

const goalSchema = z
  .strictObject(
    {
      when: whenSchema.describe('Which request of this route reaches it; once for each user.'),
      status: statusRange.optional().describe('Of its answer: 201, or 200-299, which is default.'),
      alpha: chance
        .optional()
        .describe('The chance to call one better though it is not; default 0.05.'),
      atMost: duration.optional().describe('When onUndecided acts; default never.'),
    },
    { error: mustBe('TN2001', 'a mapping such as {when: {path: {exact: /thanks}}}') },
  )
  .transform(
    ({ when, status = [200, 299], alpha = 0.05, atMost }): GoalRule => ({
      when,
      statuses: status,
      alpha,
      atMostMs: atMost,
    }),
  );

export const abSchema = z
  .strictObject({
    strategy: z.literal('ab').describe('Holds the split until the goal or a person decides.'),
    ...common,
    judge: judgeSchema.optional().describe('Default on.'),
    goal: goalSchema.optional().describe('What the versions are compared by.'),
  })
  .transform(
    ({ goal, ...rest }): AbRule => ({ strategy: 'ab', ...inCommon(rest, defaultJudge), goal }),
  );
