import type { Finding } from '../finding.ts';
import { at, pathText } from '../path-text.ts';
import { type Check, keySpanAt, lineAt } from './check.ts';

/** Of two active versions with one slot only one could ever be drawn. */
export const slots: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    const first = new Map<string, string>();
    const findings: Finding[] = [];
    for (const { name, slot, state } of rule?.versions ?? []) {
      if (state !== 'active') continue;
      const other = first.get(slot);
      if (other === undefined) {
        first.set(slot, name);
        continue;
      }
      const path = ['routes', index, 'versions', name];
      const line = lineAt(checked, ['routes', index, 'versions', other]);
      const written = at(checked.tree, [...path, 'slot']);
      findings.push({
        code: 'TN3007',
        message: `${pathText(path)} has the slot "${slot}" that ${other} (line ${line}) has; both are active`,
        hint: 'who inherits the people of a version needs that version disabled or in drain',
        span: written?.span ?? keySpanAt(checked, path),
      });
    }
    return findings;
  });
