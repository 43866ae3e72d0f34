import type { Finding } from '../finding.ts';
import { at, type Path, pathText } from '../path-text.ts';
import { type Check, type Checked, lineAt } from './check.ts';

/** Names of routes are unique: counters, tokens and cookies tell routes apart by them. */
export const routeNames: Check = (checked) => repeatedNames(checked, ['routes'], 'TN3001');

/** Names of audiences are unique in their route: a reason names one of them. */
export const audienceNames: Check = (checked) =>
  checked.routes.flatMap(({ index }) =>
    repeatedNames(checked, ['routes', index, 'audiences'], 'TN3008'),
  );

function repeatedNames(
  checked: Checked,
  listPath: Path,
  code: 'TN3001' | 'TN3008',
): readonly Finding[] {
  const first = new Map<string, Path>();
  const findings: Finding[] = [];
  const count = at(checked.tree, listPath)?.children.size ?? 0;
  for (let index = 0; index < count; index += 1) {
    const path = [...listPath, index];
    const name = at(checked.tree, [...path, 'name']);
    if (typeof name?.value !== 'string') continue;
    const before = first.get(name.value);
    if (before === undefined) {
      first.set(name.value, path);
      continue;
    }
    const other = `${pathText(before)} (line ${lineAt(checked, [...before, 'name'])})`;
    const message = `${pathText(path)}.name "${name.value}" is the name of ${other} already`;
    findings.push({ code, message, span: name.span });
  }
  return findings;
}
