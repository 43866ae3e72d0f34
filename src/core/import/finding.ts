import type { Span } from '#core/document/finding';
import type { Lines } from '#core/document/lines';
import type { Problem } from '#core/document/problem';
import type { ImportCode } from './codes.ts';

/** One thing that was not translated as it stands, where it stands counted by offsets. */
export interface ImportFinding {
  readonly code: ImportCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly span: Span;
}

export type Report = (finding: ImportFinding) => void;

/** Returns what was found as warnings, by place, each thing once. */
export function warningsOf(findings: readonly ImportFinding[], lines: Lines): readonly Problem[] {
  const known = new Set<string>();
  const warnings: Problem[] = [];
  const byPlace = findings.toSorted((a, b) => a.span.start - b.span.start);
  for (const { code, message, hint, span } of byPlace) {
    const { line, column } = lines.placeOf(span.start);
    const identity = `${line}:${column} ${message}`;
    if (known.has(identity)) continue;
    known.add(identity);
    const length = Math.max(1, lines.charactersOnLine(span.start, span.end));
    warnings.push({ code, severity: 'warning', message, hint, line, column, length });
  }
  return warnings;
}
