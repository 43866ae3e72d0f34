import type { Deadlines } from './deadlines.ts';

/** The time of day as the Date field says it (RFC 9110 section 6.6.1), by the coarse clock. */
export class HttpDate {
  readonly #epochMs: () => number;
  readonly #deadlines: Deadlines;
  #at = Number.NaN;
  #second = 0;
  #text = '';

  constructor(epochMs: () => number, deadlines: Deadlines) {
    this.#epochMs = epochMs;
    this.#deadlines = deadlines;
  }

  get text(): string {
    if (this.#at !== this.#deadlines.now) this.#look();
    return this.#text;
  }

  #look(): void {
    this.#at = this.#deadlines.now;
    const second = Math.floor(this.#epochMs() / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#text = new Date(second * 1_000).toUTCString();
  }
}
