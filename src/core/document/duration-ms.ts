const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Durations as they are written. */
export const writtenDuration = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Returns the milliseconds of `5s`, `100ms`, `2m`, `1h` or `30d`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = writtenDuration.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitsMs[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}
