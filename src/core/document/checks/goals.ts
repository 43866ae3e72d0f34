import { pathText, placeText } from '../path-text.ts';
import { type Check, keySpanAt } from './check.ts';
import { rolloutsOf } from './rollouts.ts';

/** A goal counts users: split by request, there are none. */
export const goals: Check = (checked) =>
  rolloutsOf(checked).flatMap(({ index, rule, rollout, path }) => {
    if (rollout.strategy !== 'ab' || rollout.goal === undefined) return [];
    if (rule.unit !== 'request') return [];
    return [
      {
        code: 'TN3022',
        message: `${pathText([...path, 'goal'])} counts users, but ${placeText(['routes', index], checked.tree)} splits by request`,
        hint: 'unit: [issue] gives every browser an id, ["header:x-user-id"] takes yours',
        span: keySpanAt(checked, [...path, 'goal']),
      },
    ];
  });
