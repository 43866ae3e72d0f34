const durations = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const sizes = { GiB: 1_024 ** 3, MiB: 1_024 ** 2, KiB: 1_024, B: 1 };

/** Returns milliseconds as the document says them, 0 as `off`. */
export function durationText(ms: number): string {
  return inUnits(ms, durations);
}

/** Returns bytes as the document says them, 0 as `off`. */
export function sizeText(bytes: number): string {
  return inUnits(bytes, sizes);
}

/** In the largest unit of which it is a whole number. */
function inUnits(amount: number, units: Readonly<Record<string, number>>): string {
  if (amount === 0) return 'off';
  const [unit = '', factor = 1] =
    Object.entries(units).find(([, size]) => amount % size === 0) ?? [];
  return `${amount / factor}${unit}`;
}
