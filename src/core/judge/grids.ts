/** Which ratios of rates are held against a margin. */
export type HarmMetric = 'errors' | 'latency';

/** At the margin that is the default the grid is tuned to it. */
const tuned = { errors: [1.75, 2, 3, 5, 10, 30], latency: [1.5, 2, 3, 5, 10] } as const;
const atOne = {
  errors: [1.25, 1.5, 2, 3, 5, 10, 30],
  latency: [1.25, 1.5, 2, 3, 5],
} as const;

/** Returns the ratios that speak of harm beyond a margin. */
export function harmGrid(metric: HarmMetric, margin: number): readonly number[] {
  return margin === 1.25 ? tuned[metric] : atOne[metric].map((ratio) => ratio * margin);
}

/** Returns the ratios that speak against the candidate's being so many times worse. */
export function passGrid(margin: number): readonly number[] {
  return [0.25, 0.5, 0.75, 1, 1.25].filter((ratio) => ratio < margin);
}

/** Ratios that a goal may have to what it is with the stable version: the first half less, the rest more. */
export const goalRatios: readonly number[] = [1 / 3, 1 / 2, 1 / 1.5, 1 / 1.25, 1.25, 1.5, 2, 3];
