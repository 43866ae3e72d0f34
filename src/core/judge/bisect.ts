/**
 * Returns where a function that only rises, or only falls, changes its sign between two places, to
 * the last bit; the end that is nearer to 0 where it does not change.
 */
export function bisect(f: (x: number) => number, low: number, high: number): number {
  const rises = f(low) < f(high);
  let [from, to] = [low, high];
  for (let i = 0; i < 200; i += 1) {
    const middle = 0.5 * (from + to);
    if (middle === from || middle === to) break;
    if (f(middle) < 0 === rises) from = middle;
    else to = middle;
  }
  return 0.5 * (from + to);
}
