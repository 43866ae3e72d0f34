/** Tokens are used within this, or lost. */
const livesSeconds = 10;
/** Retries that a version may always have, each second: with few requests a share says nothing. */
const alwaysPerSecond = 10;

/**
 * How many retries a version may have: a share of its requests and ten a second, each to be used
 * within ten seconds. So a version that fails altogether gets no more than that on top of its
 * load, however many ask (Finagle's RetryBudget, Linkerd's).
 */
export class RetryBudget {
  /** Share of the requests, 0 to 1; 0: no retries at all. */
  #share: number;
  /** What is left of each second's tokens, at the second's place in the ten. */
  readonly #tokens: number[] = [];
  #second = -1;

  readonly #always: number;

  /** `part`: what this process has of what there is always. */
  constructor(percent: number, part = 1) {
    this.#share = percent / 100;
    this.#always = alwaysPerSecond * part;
  }

  /** What is left stays: only later requests bring more or less. */
  set percent(percent: number) {
    this.#share = percent / 100;
  }

  /** Notes a request. `second` is any clock's that goes on steadily, a whole number. */
  deposit(second: number): void {
    if (second !== this.#second) this.#turnTo(second);
    const at = second % livesSeconds;
    this.#tokens[at] = (this.#tokens[at] as number) + this.#share;
  }

  /** Takes what one retry costs. Returns whether there was as much. */
  withdraw(second: number): boolean {
    if (second !== this.#second) this.#turnTo(second);
    // Shares of a request do not add up to whole numbers.
    if (this.#sum() < 1 - 1e-9) return false;
    let owed = 1;
    for (let age = livesSeconds - 1; age >= 0 && owed > 0; age--) {
      const at = (second - age + livesSeconds) % livesSeconds;
      const paid = Math.min(owed, this.#tokens[at] as number);
      this.#tokens[at] = (this.#tokens[at] as number) - paid;
      owed -= paid;
    }
    return true;
  }

  #sum(): number {
    let sum = 0;
    for (const tokens of this.#tokens) sum += tokens;
    return sum;
  }

  /** The tokens of seconds that are over make room for new ones. */
  #turnTo(second: number): void {
    const always = this.#share > 0 ? this.#always : 0;
    const isFirst = this.#second < 0;
    // A version that is new has as much as one that was idle.
    const first = second - livesSeconds + 1;
    const from = isFirst ? first : Math.max(this.#second + 1, first);
    for (let at = from; at <= second; at++) {
      this.#tokens[(at + livesSeconds) % livesSeconds] = always;
    }
    this.#second = second;
  }
}
