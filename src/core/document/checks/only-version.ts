import type { RouteRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { at, type Path, placeText } from '../path-text.ts';
import { type Check, type Checked, keySpanAt, spanAt } from './check.ts';

/** Where there is one version, none is left to fall back to, or to send copies to. */
export const onlyVersion: Check = (checked) =>
  checked.routes
    .flatMap(({ index, rule }) => {
      const [only, ...more] = rule?.versions ?? [];
      if (rule === undefined || only === undefined || more.length > 0) return [];
      return [fallback(checked, index, rule, only.name), mirror(checked, index, rule, only.name)];
    })
    .filter((finding) => finding !== undefined);

function fallback(
  checked: Checked,
  index: number,
  { onUnavailable }: RouteRule,
  only: string,
): Finding | undefined {
  if (onUnavailable.kind !== 'fallback' || onUnavailable.version !== only) return undefined;
  const own: Path = ['routes', index, 'onUnavailable', 'fallback'];
  const isOwn = at(checked.tree, own) !== undefined;
  return {
    code: 'TN3010',
    message: `${placeText(['routes', index], checked.tree)} falls back to "${only}", the only version it has`,
    span: isOwn ? spanAt(checked, own) : keySpanAt(checked, ['routes', index, 'versions']),
  };
}

function mirror(
  checked: Checked,
  index: number,
  rule: RouteRule,
  only: string,
): Finding | undefined {
  if (rule.mirror?.to !== only) return undefined;
  return {
    code: 'TN3014',
    message: `${placeText(['routes', index], checked.tree)} mirrors to "${only}", the only version it has`,
    hint: 'what this version serves would be sent to it twice',
    span: spanAt(checked, ['routes', index, 'mirror', 'to']),
  };
}
