import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import type { JudgeRule } from '#core/judge/rule';
import type { RolloutRule } from '#core/rollout/rule';
import { name } from './name.ts';

const onFail = ['rollback', 'pause'] as const;
const onUndecided = ['pause', 'promote', 'rollback'] as const;

/** What every strategy has; the judge differs. */
export const common = {
  from: name.describe('The version that has the traffic.'),
  to: name.describe('The version that gets it.'),
  onFail: z
    .enum(onFail, { error: mustBe('TN2006', `one of ${onFail.join(', ')}`) })
    .optional()
    .describe('When the judge finds it too bad; default rollback.'),
  onUndecided: z
    .enum(onUndecided, { error: mustBe('TN2006', `one of ${onUndecided.join(', ')}`) })
    .optional()
    .describe('When the time is over and nothing is proven; default pause.'),
};

interface Written {
  readonly from: string;
  readonly to: string;
  readonly judge?: 'off' | JudgeRule | undefined;
  readonly onFail?: RolloutRule['onFail'] | undefined;
  readonly onUndecided?: RolloutRule['onUndecided'] | undefined;
}

/** Returns what every strategy has, filled in; `judge` is how it is judged where nothing is said. */
export function inCommon(
  { from, to, judge: written, onFail: fail = 'rollback', onUndecided: open = 'pause' }: Written,
  judge: JudgeRule | undefined,
) {
  return {
    from,
    to,
    judge: written === 'off' ? undefined : (written ?? judge),
    onFail: fail,
    onUndecided: open,
  };
}
