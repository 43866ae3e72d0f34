const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** Returns how long something takes, in the largest unit that gives at least one of it: `5 min`. */
export function spanText(ms: number): string {
  for (const [unitMs, name] of units) {
    if (ms < unitMs) continue;
    const amount = ms / unitMs;
    return `${amount < 10 ? Number(amount.toFixed(1)) : Math.round(amount)} ${name}`;
  }
  return `${Math.round(ms)} ms`;
}
