/** Returns p values by which each of several claims may be made; Holm 1979. */
export function holm(p: readonly number[]): readonly number[] {
  const order = ascending(p);
  const adjusted = new Array<number>(p.length).fill(1);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * at(p, i)));
    adjusted[i] = largest;
  }
  return adjusted;
}

/** Returns p values by which at most that part of the claims is false; Benjamini, Hochberg 1995. */
export function benjaminiHochberg(p: readonly number[]): readonly number[] {
  const order = ascending(p);
  const adjusted = new Array<number>(p.length).fill(1);
  let smallest = 1;
  for (const [rank, i] of [...order.entries()].reverse()) {
    smallest = Math.min(smallest, (p.length * at(p, i)) / (rank + 1));
    adjusted[i] = smallest;
  }
  return adjusted;
}

/** Returns p values times their number. */
export function bonferroni(p: readonly number[]): readonly number[] {
  return p.map((one) => Math.min(1, one * p.length));
}

function ascending(p: readonly number[]): readonly number[] {
  return [...p.keys()].sort((a, b) => at(p, a) - at(p, b));
}

function at(p: readonly number[], i: number): number {
  return p[i] ?? Number.NaN;
}
