/**
 * Returns the one of `words` that a word was likely meant to be; undefined where none is near,
 * or two are equally near: a wrong guess costs more than no guess.
 */
export function likely(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  let isAlone = true;
  for (const candidate of words) {
    const longer = Math.max(candidate.length, word.length);
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance > Math.floor(longer / 3)) continue;
    if (distance === bestDistance) isAlone = false;
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
    isAlone = true;
  }
  return isAlone ? best : undefined;
}

export function didYouMean(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `did you mean "${word}"?`;
}

const maxLength = 64;

/**
 * Letters put in, left out, exchanged, or swapped with their neighbour (optimal string
 * alignment). Long texts are not compared: endlessly far from all but themselves.
 */
export function editDistance(a: string, b: string): number {
  if (a.length > maxLength || b.length > maxLength) return a === b ? 0 : Number.POSITIVE_INFINITY;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next.push(cell(a, b, i, j, before, row, next));
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

function cell(
  a: string,
  b: string,
  i: number,
  j: number,
  before: readonly number[],
  row: readonly number[],
  next: readonly number[],
): number {
  const exchange = a[i - 1] === b[j - 1] ? 0 : 1;
  const far = Number.POSITIVE_INFINITY;
  const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return Math.min(
    (row[j] ?? far) + 1,
    (next[j - 1] ?? far) + 1,
    (row[j - 1] ?? far) + exchange,
    isSwap ? (before[j - 2] ?? far) + 1 : far,
  );
}
