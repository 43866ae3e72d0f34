import type { PathRewrite } from '#core/routing/rules';
import type { PathModifier } from './filter-schema.ts';
import type { Path, Report } from './finding.ts';
import type { MeantMatch } from './matches.ts';

/**
 * Returns how a path is changed. A prefix is replaced only where the rule has one match, which
 * names it: the API asks for that.
 */
export function pathRewrite(
  modifier: PathModifier,
  matches: readonly MeantMatch[],
  path: Path,
  report: Report,
): PathRewrite {
  if (modifier.type === 'ReplaceFullPath') {
    return { kind: 'full', path: modifier.replaceFullPath ?? '/' };
  }
  if (matches.length !== 1 || matches[0]?.path.type !== 'PathPrefix') {
    const says =
      'takes the place of the matched prefix, so that its rule needs one match of a PathPrefix and no other';
    const hint = 'make a rule of each match, or use ReplaceFullPath';
    report({ code: 'TN3009', severity: 'error', path, says, hint });
  }
  return { kind: 'prefix', path: modifier.replacePrefixMatch ?? '/' };
}
