import { UnitSet } from '#core/judge/unit-set';
import { marks, rare } from './marks.ts';

/** What a process has told of the units of one release, so that it tells nothing twice. */
export class ToldUnits {
  readonly release: string;
  /** The step whose units are the ones seen. */
  #step: number;
  readonly #seen = new UnitSet();
  readonly #rare = new UnitSet();
  readonly #paired = new UnitSet();

  constructor(release: string, step: number) {
    this.release = release;
    this.#step = step;
  }

  /** Takes note of a step: its units are seen anew. */
  begin(step: number): void {
    if (step <= this.#step) return;
    this.#step = step;
    this.#seen.takeOff(marks.seenInStep);
    this.#paired.takeOff(marks.seenInStep);
  }

  /** Notes what a unit has done. Returns what of it is news. */
  note(key: number, step: number, done: number): number {
    const seen = step === this.#step ? marks.seen | marks.seenInStep : marks.seen;
    const news = this.#seen.add(key, seen);
    return done === 0 ? news : news | this.#rare.add(key, done);
  }

  /** Notes what a request of a unit and its copy have not done alike. */
  notePair(key: number, step: number, done: number): number {
    const seen = step === this.#step ? marks.seenInStep : 0;
    return this.#paired.add(key, (done & rare) | seen);
  }
}

/** News of units, in the order in which they came. */
export class News {
  #keys = new Float64Array(16);
  #marks = new Uint16Array(16);
  #length = 0;

  add(key: number, what: number): void {
    if (this.#length === this.#keys.length) {
      const [keys, whats] = [this.#keys, this.#marks];
      this.#keys = new Float64Array(keys.length * 2);
      this.#marks = new Uint16Array(keys.length * 2);
      this.#keys.set(keys);
      this.#marks.set(whats);
    }
    this.#keys[this.#length] = key;
    this.#marks[this.#length++] = what;
  }

  /** Returns them and forgets them. */
  take(): { readonly units: Float64Array; readonly marks: Uint16Array } {
    const [units, whats] = [this.#keys.slice(0, this.#length), this.#marks.slice(0, this.#length)];
    this.#length = 0;
    return { units, marks: whats };
  }
}
