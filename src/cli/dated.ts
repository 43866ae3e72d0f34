/**
 * Returns what the API has shown, with its instants as milliseconds since 1970: texts under keys
 * that end in `At`, or are `at`.
 */
export function dated(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return /^at$|At$/.test(key) ? Date.parse(value) : value;
  if (Array.isArray(value)) return value.map((part) => dated(part));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, dated(part, name)]));
}
