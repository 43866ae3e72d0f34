import type { Lines } from './lines.ts';
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

/** More problems than anybody reads are not told. */
export const maxProblems = 1_000;

/** Returns what was found as problems, by place, each thing once. */
export function problemsOf(findings: readonly Finding[], lines: Lines): readonly Problem[] {
  const problems: Problem[] = [];
  const known = new Set<string>();
  for (const finding of mostImportant(findings)) {
    const { code, severity = 'error', message, hint, span } = finding;
    const { line, column } = lines.placeOf(span.start);
    const identity = `${line}:${column} ${message}`;
    if (known.has(identity)) continue;
    known.add(identity);
    const length = Math.max(1, lines.charactersOnLine(span.start, span.end));
    problems.push({ code, severity, message, hint, line, column, length });
  }
  return problems;
}

function mostImportant(findings: readonly Finding[]): readonly Finding[] {
  const byPlace = [...findings].sort(bySpan);
  if (byPlace.length <= maxProblems) return byPlace;
  const errors = byPlace.filter(({ severity }) => severity !== 'warning').slice(0, maxProblems);
  const warnings = byPlace.filter(({ severity }) => severity === 'warning');
  return [...errors, ...warnings.slice(0, maxProblems - errors.length)].sort(bySpan);
}

function bySpan(a: Finding, b: Finding): number {
  return a.span.start - b.span.start || a.span.end - b.span.end;
}
