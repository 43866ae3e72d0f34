/** What becomes of the place of a worker that died. */
export type AfterDeath =
  | { readonly kind: 'replace'; readonly inMs: number }
  | { readonly kind: 'giveUp'; readonly reason: string };

/** A worker that has served this long can live; its death says nothing about the next one. */
const provedMs = 3_000;
const windowMs = 60_000;
const most = 5;
/** How long the place stays empty, by how many died young before. The next one starts within a second. */
const waitsMs = [0, 100, 200, 400, 800];

/**
 * Decides whether workers that die are replaced.
 *
 * One that served for a while is replaced at once, however many there are: whoever kills
 * workers, or whichever request does, must not end the service with them. Those that die young are
 * replaced more and more slowly, and the sixth within a minute is the last: they cannot live.
 */
export class Deaths {
  #young: readonly number[] = [];

  /** `servedMs`: how long it accepted connections; 0 if it never did. */
  next(nowMs: number, servedMs: number): AfterDeath {
    if (servedMs >= provedMs) return { kind: 'replace', inMs: 0 };
    this.#young = [...this.#young.filter((at) => nowMs - at < windowMs), nowMs];
    const count = this.#young.length;
    if (count <= most) return { kind: 'replace', inMs: waitsMs[count - 1] ?? 0 };
    return { kind: 'giveUp', reason: `${count} workers died young within a minute` };
  }
}
