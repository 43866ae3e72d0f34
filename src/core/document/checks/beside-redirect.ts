import type { Finding } from '../finding.ts';
import { at, placeText } from '../path-text.ts';
import { type Check, keySpanAt } from './check.ts';

const idle = [
  'unit',
  'salt',
  'audiences',
  'sticky',
  'override',
  'onUnavailable',
  'timeouts',
  'headers',
  'rewrite',
  'retries',
  'health',
  'ejection',
  'slowStart',
  'limits',
  'tls',
  'upgrade',
  'encodedSlash',
  'mirror',
  'fault',
  'versionFrom',
  'rollout',
] as const;

/** A route that redirects asks no version, so what is about versions does nothing there. */
export const besideRedirect: Check = (checked) =>
  checked.routes.flatMap(({ index, tree }) => {
    if (at(tree, ['redirect']) === undefined || at(tree, ['versions']) !== undefined) return [];
    const place = placeText(['routes', index], checked.tree);
    return idle
      .filter((key) => at(tree, [key]) !== undefined)
      .map(
        (key): Finding => ({
          code: 'TN3011',
          // Who writes a rollout waits for something to happen.
          severity: key === 'rollout' ? 'error' : 'warning',
          message: `${place} redirects, so "${key}" does nothing there`,
          span: keySpanAt(checked, ['routes', index, key]),
        }),
      );
  });
