/**
 * Returns a value as the API shows it: numbers under keys that end in `At`, or are `at`, are
 * instants, and stand there as ISO 8601. What is not there is left out, and so is a number that
 * is none: JSON has no infinity. Under `weights` keys are names of versions, and numbers none.
 */
export function datedJson(value: unknown, key = ''): unknown {
  if (key === 'weights') return value;
  if (typeof value === 'number') return numberJson(value, key);
  if (Array.isArray(value)) return value.map((part) => datedJson(part));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, datedJson(part, name)]),
  );
}

function numberJson(value: number, key: string): number | string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return /^at$|At$/.test(key) ? new Date(value).toISOString() : value;
}
