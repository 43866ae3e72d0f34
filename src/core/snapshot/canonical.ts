/** Returns a value as JSON in which the order of keys does not show, for telling changes. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Map) return canonicalEntries([...part.entries()]);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(canonicalEntries(Object.entries(part)));
  });
}

function canonicalEntries(entries: [string, unknown][]): [string, unknown][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
