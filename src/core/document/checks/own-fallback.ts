import { at, type Path, placeText } from '../path-text.ts';
import { type Check, keySpanAt, spanAt } from './check.ts';

/** Where there is one version, nothing is left to fall back to. */
export const ownFallback: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    const [only, ...more] = rule?.versions ?? [];
    if (only === undefined || more.length > 0) return [];
    const { onUnavailable } = rule ?? {};
    if (onUnavailable?.kind !== 'fallback' || onUnavailable.version !== only.name) return [];
    const own: Path = ['routes', index, 'onUnavailable', 'fallback'];
    const isOwn = at(checked.tree, own) !== undefined;
    return [
      {
        code: 'TN3010',
        message: `${placeText(['routes', index], checked.tree)} falls back to "${only.name}", the only version it has`,
        span: isOwn ? spanAt(checked, own) : keySpanAt(checked, ['routes', index, 'versions']),
      },
    ];
  });
