import type { Lines } from './lines.ts';
import { characters } from './lines.ts';
import type { Problem } from './problem.ts';
import type { KnownCode } from './problem-codes.ts';

/** A part of the text, by offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One thing wrong, where it is in the text still counted by offsets. */
export interface Finding {
  readonly code: KnownCode;
  /** `error` unless it says otherwise. */
  readonly severity?: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly span: Span;
}

const bySpan = (a: Finding, b: Finding) => a.span.start - b.span.start || a.span.end - b.span.end;

/** Returns what was found as problems, by place; each thing once. */
export function problemsOf(findings: readonly Finding[], lines: Lines): readonly Problem[] {
  const problems: Problem[] = [];
  const known = new Set<string>();
  for (const finding of [...findings].sort(bySpan)) {
    const { code, severity = 'error', message, hint, span } = finding;
    const { line, column } = lines.placeOf(span.start);
    const identity = `${line}:${column} ${message}`;
    if (known.has(identity)) continue;
    known.add(identity);
    const length = lengthOf(span, lines.line(line), column);
    problems.push({ code, severity, message, hint, line, column, length });
  }
  return problems;
}

/** What does not fit on the line is not underlined. */
function lengthOf(span: Span, line: string, column: number): number {
  const left = characters(line) - (column - 1);
  return Math.max(1, Math.min(span.end - span.start, left));
}
