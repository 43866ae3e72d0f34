import { latencyBins } from '#core/judge/latency-bins';
import { places, requestsSize, type TallyIncrement } from './increment.ts';

/** Marks, candidate, minted, pair. */
const marksMost = 0x7ff;
const keyMost = 2 ** 53 - 1;
const rowsMost = 2 * places.slices;
const binsMost = 2 * latencyBins;

/** Returns an increment as JSON has it. */
export function incrementJson(increment: TallyIncrement): object {
  const { release, revision, step, ...tables } = increment;
  const arrays = Object.entries(tables).map(([name, values]) => [name, [...values]] as const);
  return { release, revision, step, ...Object.fromEntries(arrays) };
}

/**
 * Reads an increment that another replica has sent: every number that is an index later is within
 * its table. Throws where one is not.
 */
export function readIncrement(value: unknown): TallyIncrement {
  if (typeof value !== 'object' || value === null) throw new TypeError('an increment is an object');
  const parts = new Map<string, unknown>(Object.entries(value));
  const numbers = (name: string, most: number, length?: number) =>
    numbersOf(name, parts.get(name), most, length);
  const { counts, pairs } = places;
  const slices = numbers('slices', rowsMost - 1);
  const bins = numbers('bins', binsMost - 1);
  const units = numbers('units', keyMost);
  const release = parts.get('release');
  if (typeof release !== 'string' || release.length > 1_000) throw new TypeError('no release');
  const [revision = 0] = numbersOf('revision', [parts.get('revision')], keyMost, 1);
  const [step = 0] = numbersOf('step', [parts.get('step')], keyMost, 1);
  return {
    release,
    revision,
    step,
    requests: Float64Array.from(numbers('requests', keyMost, requestsSize)),
    slices: Uint16Array.from(slices),
    sliceCounts: Float64Array.from(numbers('sliceCounts', keyMost, slices.length * counts.size)),
    bins: Uint16Array.from(bins),
    binCounts: Float64Array.from(numbers('binCounts', keyMost, bins.length)),
    units: Float64Array.from(units),
    marks: Uint16Array.from(numbers('marks', marksMost, units.length)),
    pairs: Float64Array.from(numbers('pairs', keyMost, pairs.size)),
  };
}

function numbersOf(
  name: string,
  values: unknown,
  most: number,
  length?: number,
): readonly number[] {
  if (!Array.isArray(values)) throw new TypeError(`${name} must be a list`);
  if (length !== undefined && values.length !== length) {
    throw new TypeError(`${name} must have ${length} numbers, got ${values.length}`);
  }
  for (const one of values) {
    if (typeof one !== 'number' || !Number.isInteger(one) || one < 0 || one > most) {
      throw new TypeError(`${name} must be whole numbers from 0 to ${most}`);
    }
  }
  return values;
}
