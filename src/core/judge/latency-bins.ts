/**
 * Latencies in bins, a thirty-second of an octave each: 3 % wide wherever they are. What several
 * processes have counted is merged by addition.
 */

const binsPerOctave = 32;
/** The first bin holds all that is quicker. */
const binsPerMs = 64;
/** The last one holds all from 17 minutes on. */
const octaves = 26;

export const latencyBins = binsPerOctave * octaves;

/** Returns the bin of a latency. */
export function binOf(ms: number): number {
  const scaled = ms * binsPerMs;
  if (!(scaled >= 1)) return 0;
  if (scaled >= 2 ** octaves) return latencyBins - 1;
  const octave = 31 - Math.clz32(scaled);
  return octave * binsPerOctave + Math.floor((scaled / 2 ** octave - 1) * binsPerOctave);
}

/** Returns the latency at which a bin begins. */
export function binStartMs(bin: number): number {
  const octave = Math.floor(bin / binsPerOctave);
  const part = (bin % binsPerOctave) / binsPerOctave;
  return (2 ** octave * (1 + part)) / binsPerMs;
}

/** Returns the latency that a share of those counted does not exceed; undefined: none was. */
export function quantileOf(bins: ArrayLike<number>, share: number): number | undefined {
  const rank = countIn(bins) * share;
  let below = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    const count = bins[bin] ?? 0;
    if (count > 0 && below + count >= rank) {
      const start = binStartMs(bin);
      return start + ((binStartMs(bin + 1) - start) * (rank - below)) / count;
    }
    below += count;
  }
  return undefined;
}

/** Returns how many were counted. */
export function countIn(bins: ArrayLike<number>): number {
  let count = 0;
  for (let bin = 0; bin < bins.length; bin++) count += bins[bin] ?? 0;
  return count;
}
