import type { HeaderEdits } from '#core/routing/rules';
import type { HeaderModifier } from './filter-schema.ts';
import type { Path, Report } from './finding.ts';

/**
 * Returns what a header modifier does. One header may have one action only: what several of them
 * would make of it is nowhere said.
 */
export function headerEdits(
  { set = [], add = [], remove = [] }: HeaderModifier,
  path: Path,
  report: Report,
): HeaderEdits {
  const known = new Set<string>();
  const isFirst = (name: string, place: Path) => {
    if (known.has(name)) {
      const says = `edits the header "${name}", which this filter edits already`;
      report({ code: 'TN3013', severity: 'error', path: place, says });
    }
    return known.add(name);
  };
  for (const [index, { name }] of set.entries()) isFirst(name, [...path, 'set', index, 'name']);
  for (const [index, { name }] of add.entries()) isFirst(name, [...path, 'add', index, 'name']);
  for (const [index, name] of remove.entries()) isFirst(name, [...path, 'remove', index]);
  return { set: record(set), add: record(add), remove };
}

function record(
  headers: readonly { readonly name: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}
