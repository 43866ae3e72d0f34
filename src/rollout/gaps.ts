/** What a gap has cost so far. */
export interface Gap {
  /** Requests that waited at once, at most, as far as was looked. */
  readonly held: number;
  /** Requests that no version has answered, since it began. */
  readonly lost: number;
}

/** Watches releases in which no version serves for a while. */
export class Gaps {
  readonly #gaps = new Map<string, { held: number; before: number; lost: number }>();

  /** Notes what is held now, and what was lost in all. */
  note(release: string, held: number, lost: number): void {
    const gap = this.#gaps.get(release) ?? { held: 0, before: lost, lost: 0 };
    gap.held = Math.max(gap.held, held);
    gap.lost = lost - gap.before;
    this.#gaps.set(release, gap);
  }

  of(release: string): Gap | undefined {
    return this.#gaps.get(release);
  }

  retain(releases: ReadonlySet<string>): void {
    for (const release of this.#gaps.keys()) if (!releases.has(release)) this.#gaps.delete(release);
  }
}
