/** Returns a share as people read it: `3.1 %`, `0.04 %`, `97 %`. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0) return '0 %';
  if (value >= 99.95) return `${value.toFixed(0)} %`;
  if (value >= 1) return `${value.toFixed(1)} %`;
  return `${trimmed(value.toPrecision(2))} %`;
}

/** A chosen share: `1 %`, not `1.0 %`. */
export function plainPercent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** Returns a whole number with its thousands apart: `2,100`. */
export function whole(count: number): string {
  return count.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Returns a number as far as it can be believed: `3.1`, `12`. */
export function ratioText(ratio: number): string {
  return trimmed(ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2));
}

/** Returns a count that is a guess anyway: two digits of it. */
export function about(count: number): string {
  return whole(Number(count.toPrecision(2)));
}

/** Returns a duration in one unit: `94 s`, `4 min`, `3 h`. */
export function durationText(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

function trimmed(number: string): string {
  return Number(number).toString();
}
