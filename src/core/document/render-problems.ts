import { Lines, offsetOfCharacter, withoutMark } from './lines.ts';
import type { Problem } from './problem.ts';

export interface RenderOptions {
  /** How the document is called in front of each problem. */
  readonly file: string;
  /** The document the places are in. */
  readonly text: string;
  /** Hash of the document that stays in force; undefined where there is none. */
  readonly inForce?: string | undefined;
}

/** Returns problems as people read them: place, message, the line with a caret, a hint. */
export function renderProblems(problems: readonly Problem[], options: RenderOptions): string {
  const lines = new Lines(withoutMark(options.text));
  const shown = problems.map((problem) => rendered(problem, lines, options.file));
  const stays =
    options.inForce === undefined ? '' : ` The document in force stays ${options.inForce}.`;
  return `${[...shown, `${counted(problems)}.${stays}`].join('\n')}\n`;
}

function rendered(problem: Problem, lines: Lines, file: string): string {
  const { code, severity, message, hint, line, column } = problem;
  const excerpt = excerptOf(lines.line(line), problem);
  return [
    `${file}:${line}:${column}: ${severity} ${code}: ${message}`,
    `  ${line} | ${excerpt.text}`,
    `  ${' '.repeat(String(line).length)} | ${excerpt.mark}`,
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

const widest = 120;

/** Returns the line with a mark below the place. Of a long line what is around the place. */
function excerptOf(line: string, { column, length }: Problem) {
  const place = column - 1;
  const isLong = line.length > widest;
  const from = isLong ? Math.max(0, place - widest / 2) : 0;
  const shown = isLong ? charactersFrom(line, from, widest) : [...line];
  const cutBefore = from > 0 ? '…' : '';
  const cutAfter = isLong && shown.length === widest ? '…' : '';
  const before = shown.slice(0, place - from).map((character) => (character === '\t' ? '\t' : ' '));
  const room = Math.max(1, Math.min(length, shown.length - before.length));
  return {
    text: `${cutBefore}${shown.map(visible).join('')}${cutAfter}`,
    mark: `${' '.repeat(cutBefore.length)}${before.join('')}${'^'.repeat(room)}`,
  };
}

/** Makes no list of all characters: a line may be a whole document. */
function charactersFrom(line: string, from: number, count: number): readonly string[] {
  const start = offsetOfCharacter(line, from);
  return [...line.slice(start, start + 2 * count)].slice(0, count);
}

/** A document must not write to a terminal what it likes. */
function visible(character: string): string {
  return character !== '\t' && /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)
    ? '\ufffd'
    : character;
}

function counted(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const parts = [plural(errors, 'error'), plural(warnings, 'warning')].filter((_, index) =>
    index === 0 ? errors > 0 : warnings > 0,
  );
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
