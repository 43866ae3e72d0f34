import type { RevisionKind } from '#core/rollout/status';

/** How often something was decided of a route. */
export interface Transition {
  readonly route: string;
  readonly transition: RevisionKind;
  readonly count: number;
}

/** Counts what was decided, since the process began. */
export class Transitions {
  readonly #counts = new Map<string, Transition>();

  add(route: string, transition: RevisionKind): void {
    const key = `${route}\n${transition}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { route, transition, count });
  }

  all(): readonly Transition[] {
    return [...this.#counts.values()];
  }
}
