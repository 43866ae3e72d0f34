import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LatencyFigures } from './latencies.ts';

/** One figure of a trial, beside what it must be. */
export interface Check {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  readonly bound: number;
  readonly kind: 'at most' | 'at least';
  readonly holds: boolean;
}

/** What a trial leaves behind. */
export interface Outcome {
  readonly name: string;
  readonly question: string;
  readonly form: 'whole' | 'short';
  /** What was done, in numbers. */
  readonly did: string;
  readonly checks: readonly Check[];
  /** Figures that nothing depends on. */
  readonly notes: readonly string[];
  readonly seconds: number;
  readonly held: boolean;
}

/** What a trial is run with. */
export interface Run {
  /** The form for every commit: smaller in every way. */
  readonly isShort: boolean;
  /** The program under trial: `src/main.ts`, or what was built of it. */
  readonly program: string;
  /** Returns the one or the other, by the form. */
  pick<T>(whole: T, short: T): T;
  did(what: string): void;
  atMost(what: string, figure: number, bound: number, unit?: string): void;
  atLeast(what: string, figure: number, bound: number, unit?: string): void;
  /**
   * Compares the 99th percentile of a time with that of quiet times in the same run, the worse of
   * them: a machine is never the same for long. Judged in the whole form alone: where the
   * machine is shared, the neighbours decide.
   */
  slowdown(
    what: string,
    quiet: readonly LatencyFigures[],
    during: LatencyFigures,
    times: number,
  ): void;
  /** A time that must not be longer; judged in the whole form alone, as `slowdown` is. */
  timeAtMost(what: string, figureMs: number, boundMs: number): void;
  /** Keeps a figure that nothing depends on. */
  note(text: string): void;
  /** Does something when the trial is over, latest first. */
  after(act: () => unknown): void;
}

/** More of the same tells nothing. */
const notesMost = 25;

const options = {
  short: { type: 'boolean', default: false },
  /** Where the outcome is written to, as JSON. */
  json: { type: 'string' },
  program: { type: 'string', default: 'src/main.ts' },
} as const;

/** Runs a trial, prints what it found, and lets the exit code say whether all of it holds. */
export async function trial(
  name: string,
  question: string,
  body: (run: Run) => Promise<void>,
): Promise<void> {
  const { values } = parseArgs({ options });
  const checks: Check[] = [];
  const notes: string[] = [];
  const acts: (() => unknown)[] = [];
  const did: string[] = [];
  const check =
    (kind: Check['kind']) =>
    (what: string, figure: number, bound: number, unit = '') =>
      checks.push({ what, figure, unit, bound, kind, holds: holds(kind, figure, bound) });
  const slower = check('at most');
  process.stdout.write(`${name}: ${question}\n`);
  const startedAt = performance.now();
  try {
    await body({
      isShort: values.short,
      program: values.program,
      pick: (whole, short) => (values.short ? short : whole),
      did: (what) => did.push(what),
      atMost: check('at most'),
      atLeast: check('at least'),
      slowdown: (what, quiet, during, times) => {
        const quietMs = Math.max(...quiet.map(({ p99Ms }) => p99Ms));
        notes.push(`p99 ${quietMs.toFixed(1)} ms in quiet, ${during.p99Ms.toFixed(1)} ms ${what}`);
        if (!values.short)
          slower(`p99 ${what}, in terms of that in quiet`, during.p99Ms / quietMs, times, '×');
      },
      timeAtMost: (what, figureMs, boundMs) => {
        if (values.short) notes.push(`${what}: ${figureMs.toFixed(1)} ms`);
        else check('at most')(what, figureMs, boundMs, 'ms');
      },
      note: (text) => {
        if (notes.length < notesMost) notes.push(text);
      },
      after: (act) => acts.unshift(act),
    });
  } finally {
    for (const act of acts) await act();
  }
  const outcome: Outcome = {
    name,
    question,
    form: values.short ? 'short' : 'whole',
    did: did.join('; '),
    checks,
    notes,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    held: checks.length > 0 && checks.every((each) => each.holds),
  };
  process.stdout.write(`${textOf(outcome)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(outcome));
  process.exit(outcome.held ? 0 : 1);
}

/** A figure that is no number never holds. */
function holds(kind: Check['kind'], figure: number, bound: number): boolean {
  return kind === 'at most' ? figure <= bound : figure >= bound;
}

const figures = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** `0 (at most 0)`, `1.2 × (at most 2 ×)`. */
export function figureText({ figure, unit, bound, kind }: Check): string {
  const measure = unit === '' ? '' : ` ${unit}`;
  return `${figures.format(figure)}${measure} (${kind} ${figures.format(bound)}${measure})`;
}

function textOf({ did, checks, notes, seconds }: Outcome): string {
  const width = Math.max(...checks.map(({ what }) => what.length));
  return [
    `  ${did}`,
    ...checks.map(
      (each) =>
        `  ${each.holds ? 'holds ' : 'MISSED'}  ${each.what.padEnd(width)}  ${figureText(each)}`,
    ),
    ...notes.map((note) => `  noted   ${note}`),
    `  ${seconds} s\n`,
  ].join('\n');
}
