const tiny = 1e-300;
const enough = 1e-16;
const maxTerms = 100_000;

/**
 * Returns 1 / (b0 + a1 / (b1 + a2 / (b2 + …))) by Lentz's method (Numerical Recipes 5.2).
 * `a(i)` and `b(i)` are the parts; it ends when a further part changes nothing.
 */
export function continuedFraction(a: (i: number) => number, b: (i: number) => number): number {
  let c = 1 / tiny;
  let d = 1 / nonZero(b(0));
  let value = d;
  for (let i = 1; i < maxTerms; i += 1) {
    d = 1 / nonZero(b(i) + a(i) * d);
    c = nonZero(b(i) + a(i) / c);
    value *= c * d;
    if (Math.abs(c * d - 1) <= enough) break;
  }
  return value;
}

function nonZero(x: number): number {
  return Math.abs(x) < tiny ? tiny : x;
}
