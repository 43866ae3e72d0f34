const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Returns milliseconds for `250ms`, `10s`, `5m`, `24h`, `7d` or a plain `0`; else undefined. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const [, digits, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  return digits === undefined || unitMs === undefined ? undefined : Number(digits) * unitMs;
}
