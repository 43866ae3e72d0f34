/** Hostnames of a route that have one rank: none of them comes before another. */
export interface HostGroup {
  readonly kind: 'exact' | 'wildcard' | 'any';
  /** Characters of each wildcard; 0 for the others, which never hold for one request but once. */
  readonly characters: number;
  /** Empty for `any`. */
  readonly hosts: readonly string[];
}

/**
 * Returns the hostnames of a route by rank. Two names without a wildcard are the same or have no
 * request in common, so their length decides nothing; of wildcards the longer one comes first.
 */
export function hostGroups(hostnames: readonly string[]): readonly HostGroup[] {
  if (hostnames.length === 0) return [{ kind: 'any', characters: 0, hosts: [] }];
  const exact = hostnames.filter((name) => !name.startsWith('*.'));
  const byLength = new Map<number, string[]>();
  for (const name of hostnames.filter((one) => one.startsWith('*.'))) {
    byLength.set(name.length, [...(byLength.get(name.length) ?? []), name]);
  }
  const wildcards = [...byLength].map(
    ([characters, hosts]): HostGroup => ({ kind: 'wildcard', characters, hosts }),
  );
  return exact.length === 0
    ? wildcards
    : [{ kind: 'exact', characters: 0, hosts: exact }, ...wildcards];
}
