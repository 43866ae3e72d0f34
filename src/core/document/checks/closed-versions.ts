import type { RouteRule, VersionState } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { at, type Path, pathText } from '../path-text.ts';
import { type Check, type Checked, keySpanAt } from './check.ts';

/** What leads to a version that drains or is disabled does nothing: worth a warning. */
export const closedVersions: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    if (rule === undefined) return [];
    const closed = new Map(
      rule.versions
        .filter((version) => version.state !== 'active')
        .map((version) => [version.name, version.state]),
    );
    return closed.size === 0 ? [] : leadsTo(checked, index, rule, closed);
  });

function leadsTo(
  checked: Checked,
  route: number,
  rule: RouteRule,
  closed: ReadonlyMap<string, VersionState>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const look = (path: Path, name: string, what: string) => {
    const state = closed.get(name);
    // A mirror that a rollout brings along is not written.
    if (state !== undefined && at(checked.tree, path) !== undefined)
      findings.push(warning(checked, path, `${what} "${name}", which ${says[state]}`));
  };
  for (const [place, { to }] of rule.audiences.entries()) {
    const path = ['routes', route, 'audiences', place];
    const names = to.kind === 'version' ? [to.version] : [...to.weights.keys()];
    for (const name of names) {
      const inner = to.kind === 'version' ? ['version'] : ['split', name];
      look([...path, ...inner], name, `${pathText(path)} sends people to`);
    }
  }
  if (rule.onUnavailable.kind === 'fallback') {
    const own: Path = ['routes', route, 'onUnavailable', 'fallback'];
    const isOwn = at(checked.tree, own) !== undefined;
    const path = isOwn ? own : ['defaults', 'onUnavailable', 'fallback'];
    look(path, rule.onUnavailable.version, `${pathText(['routes', route])} falls back to`);
  }
  if (rule.mirror !== undefined) {
    const path = ['routes', route, 'mirror', 'to'];
    look(path, rule.mirror.to, `${pathText(['routes', route])} mirrors to`);
  }
  return findings;
}

const says: Readonly<Record<VersionState, string>> = {
  active: 'is active',
  drain: 'drains: it takes nobody new',
  disabled: 'is disabled: it takes nobody',
};

function warning(checked: Checked, path: Path, message: string): Finding {
  const isKey = path.at(-2) === 'split';
  const span = isKey ? keySpanAt(checked, path) : at(checked.tree, path)?.span;
  return {
    code: 'TN3006',
    severity: 'warning',
    message,
    span: span ?? keySpanAt(checked, path),
  };
}
