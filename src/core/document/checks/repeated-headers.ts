import type { Finding } from '../finding.ts';
import type { Tree } from '../tree.ts';
import type { Check, Checked } from './check.ts';

/** Mappings whose keys are names of headers. */
const byHeader: ReadonlySet<string> = new Set(['header', 'set', 'add']);

/** `X-A` and `x-a` are one header: which of them counts must not depend on chance. */
export const repeatedHeaders: Check = (checked) => {
  const findings: Finding[] = [];
  walk(checked, checked.tree, '', findings);
  return findings;
};

/** The depth of a tree is bounded, and its aliases are. */
function walk(checked: Checked, tree: Tree, key: string, findings: Finding[]): void {
  if (byHeader.has(key)) findings.push(...repeated(checked, tree));
  for (const [childKey, child] of tree.children) walk(checked, child, childKey, findings);
}

function repeated(checked: Checked, mapping: Tree): readonly Finding[] {
  const first = new Map<string, { readonly written: string; readonly start: number }>();
  const findings: Finding[] = [];
  for (const [written, { keySpan }] of mapping.children) {
    if (keySpan === undefined) continue;
    const before = first.get(written.toLowerCase());
    if (before === undefined) {
      first.set(written.toLowerCase(), { written, start: keySpan.start });
      continue;
    }
    const { line } = checked.lines.placeOf(before.start);
    const message = `"${written}" is the same header as "${before.written}" (line ${line})`;
    findings.push({ code: 'TN3013', message, span: keySpan });
  }
  return findings;
}
