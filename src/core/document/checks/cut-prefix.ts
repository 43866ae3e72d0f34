import type { PathRewrite, RouteRule } from '#core/routing/rules';
import { pathText } from '../path-text.ts';
import { type Check, spanAt } from './check.ts';

/** A new prefix takes the place of the one that `match` names: there has to be one. */
export const cutPrefix: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    if (rule === undefined || matchesPrefix(rule)) return [];
    return (['rewrite', 'redirect'] as const)
      .filter((key) => isPrefix(rule[key]?.path))
      .map((key) => {
        const path = ['routes', index, key, 'path'];
        return {
          code: 'TN3009',
          message: `${pathText(path)} takes the place of the matched prefix, but ${pathText(['routes', index])} matches none`,
          hint: `match: {path: /prefix}, or ${key}: {path: {full: /path}} for the whole path`,
          span: spanAt(checked, path),
        };
      });
  });

function isPrefix(path: PathRewrite | undefined): boolean {
  return path?.kind === 'prefix';
}

function matchesPrefix(rule: RouteRule): boolean {
  return rule.match?.path?.some((test) => test.prefix !== undefined) ?? false;
}
