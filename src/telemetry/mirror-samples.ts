import type { MirrorSample } from '#core/mirror/mirror-sample';

/** Of one mirror: enough to see what is wrong, and no more than fits a page. */
const keptMost = 20;
const pathMost = 200;

/** The first differences that each mirror has found. */
export class MirrorSamples {
  readonly #kept = new Map<string, MirrorSample[]>();
  #untold: MirrorSample[] = [];

  /** Keeps a sample, if there is still room for it. */
  add(sample: MirrorSample): void {
    const { route, version } = sample;
    // No name holds a space.
    const key = `${route} ${version}`;
    const kept = this.#kept.get(key) ?? [];
    this.#kept.set(key, kept);
    if (kept.length >= keptMost) return;
    const cut = { ...sample, path: sample.path.slice(0, pathMost) };
    kept.push(cut);
    this.#untold.push(cut);
  }

  all(): readonly MirrorSample[] {
    return [...this.#kept.values()].flat();
  }

  /** Returns those that were added since the last call. */
  sinceTold(): readonly MirrorSample[] {
    const told = this.#untold;
    this.#untold = [];
    return told;
  }

  /** Other rules are in force: what was found under the old ones says nothing of them. */
  clear(): void {
    this.#kept.clear();
    this.#untold = [];
  }
}
