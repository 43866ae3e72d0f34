import { cpus } from 'node:os';

/** One thing to measure: called with 0, 1, 2, … so that inputs differ from call to call. */
export interface Measurement {
  readonly name: string;
  /** Its result is used, so that the work cannot be left out. */
  readonly run: (i: number) => number;
}

/** Nanoseconds per call. */
export interface Result {
  readonly name: string;
  readonly medianNs: number;
  readonly lowestNs: number;
  readonly highestNs: number;
}

export function measure(name: string, run: (i: number) => number): Measurement {
  return { name, run };
}

const rounds = 11;
const roundMs = 40;

/**
 * Runs the measurements in turns, one round of each after the other, so that a busy moment of
 * the machine hits all of them, and prints a table. The first one is the baseline: what the
 * inputs and the harness cost by themselves.
 */
export function report(question: string, measurements: readonly Measurement[]): readonly Result[] {
  const timed = measurements.map((measurement) => ({
    measurement,
    calls: callsPerRound(measurement),
    ns: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { measurement, calls, ns } of timed) {
      ns.push(nsPerCall(measurement, calls, round * calls));
    }
  }
  const results = timed.map(({ measurement, ns }) => resultOf(measurement.name, ns));
  print(question, results);
  return results;
}

/** Warms up, and returns how many calls fill a round. */
function callsPerRound(measurement: Measurement): number {
  let calls = 1_000;
  for (;;) {
    const ns = nsPerCall(measurement, calls, 0) * calls;
    if (ns > (roundMs * 1e6) / 2) return Math.ceil((calls * roundMs * 1e6) / ns);
    calls *= 2;
  }
}

let sink = 0;

function nsPerCall({ run }: Measurement, calls: number, first: number): number {
  let sum = 0;
  const startedAt = process.hrtime.bigint();
  for (let i = first; i < first + calls; i += 1) sum += run(i);
  const ns = Number(process.hrtime.bigint() - startedAt);
  sink += sum;
  return ns / calls;
}

function resultOf(name: string, ns: readonly number[]): Result {
  const sorted = ns.toSorted((a, b) => a - b);
  return {
    name,
    medianNs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    lowestNs: sorted[0] ?? 0,
    highestNs: sorted.at(-1) ?? 0,
  };
}

function print(question: string, results: readonly Result[]): void {
  const width = Math.max(...results.map(({ name }) => name.length));
  const [processor] = cpus();
  const lines = [
    question,
    `${processor?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `${'ns per call'.padEnd(width)}   median   lowest  highest`,
    ...results.map((result) => `${result.name.padEnd(width)} ${columns(result)}`),
    // Printing the sum is what makes the work count.
    `(checksum ${sink})`,
  ];
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

function columns({ medianNs, lowestNs, highestNs }: Result): string {
  return [medianNs, lowestNs, highestNs].map((ns) => ns.toFixed(1).padStart(8)).join(' ');
}
