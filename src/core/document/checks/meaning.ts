import type { RouteRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import type { Tree } from '../tree.ts';

export function meaningFindings(
  _tree: Tree,
  _rules: readonly (RouteRule | undefined)[],
): readonly Finding[] {
  return [];
}
