const unitsMs = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Returns milliseconds as a document says them: `5m`, `1500ms`; undefined where it cannot. */
export function durationText(ms: number): string | undefined {
  const whole = Math.round(ms);
  if (whole < 1 || whole > 365 * 86_400_000) return undefined;
  const [unit, length] = unitsMs.find(([, one]) => whole % one === 0) ?? ['ms', 1];
  return `${whole / length}${unit}`;
}
