import { at, type Path, placeText } from '../path-text.ts';
import { type Check, keySpanAt } from './check.ts';
import { rolloutsOf } from './rollouts.ts';

/** Steps move people, a sticky cookie keeps them: worth a warning where both are asked for. */
export const stickySteps: Check = (checked) =>
  rolloutsOf(checked).flatMap(({ index, rule, rollout }) => {
    const moves = rollout.strategy === 'canary' || rollout.strategy === 'ramped';
    if (!moves || rule.sticky === undefined) return [];
    const own: Path = ['routes', index, 'sticky'];
    const isOwn = at(checked.tree, own) !== undefined;
    return [
      {
        code: 'TN3026',
        severity: 'warning',
        message: `${placeText(['routes', index], checked.tree)} remembers versions: who once got "${rollout.from}" keeps it while the steps go on, so "${rollout.to}" gets less than they say`,
        hint: 'the split gives a user the same version without a cookie, and a raise moves people one way',
        span: keySpanAt(checked, isOwn ? own : ['defaults', 'sticky']),
      },
    ];
  });
