/** Returns whether two values are equal that are plain data: no cycles, no maps, no dates. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [ofA, ofB] = [Object.keys(a), Object.keys(b)];
  if (ofA.length !== ofB.length || Array.isArray(a) !== Array.isArray(b)) return false;
  // Both are objects, and may be asked for any name.
  const [inA, inB] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return ofA.every((key) => Object.hasOwn(b, key) && sameData(inA[key], inB[key]));
}
