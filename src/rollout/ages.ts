import type { VersionView } from '#core/endpoints/version-view';

/** Since when each endpoint is known: young ones are slow for reasons of their own. */
export class Ages {
  readonly #routes = new Map<string, ReadonlyMap<string, Known>>();

  /**
   * Notes who is there. At the first look at a route those of its stable version are not young:
   * it has served already.
   */
  note(
    views: readonly VersionView[],
    isStable: (route: string, version: string) => boolean,
    now: number,
  ): void {
    const there = new Map<string, Map<string, Known>>();
    for (const { route, version, endpoints } of views) {
      const before = this.#routes.get(route);
      const known = there.get(route) ?? new Map<string, Known>();
      there.set(route, known);
      const isOld = before === undefined && isStable(route, version);
      const since = isOld ? Number.NEGATIVE_INFINITY : now;
      for (const { url, address } of endpoints) {
        const key = JSON.stringify([version, url, address]);
        known.set(key, before?.get(key) ?? { version, since });
      }
    }
    for (const [route, known] of there) this.#routes.set(route, known);
  }

  /** Whether no endpoint of these versions is younger. */
  isWarm(
    routes: readonly string[],
    versions: readonly string[],
    warmUpMs: number,
    now: number,
  ): boolean {
    return routes.every((route) =>
      [...(this.#routes.get(route)?.values() ?? [])].every(
        ({ version, since }) => !versions.includes(version) || now - since >= warmUpMs,
      ),
    );
  }
}

interface Known {
  readonly version: string;
  readonly since: number;
}
