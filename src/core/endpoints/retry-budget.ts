/**
 * How long a window is. Tokens are used in theirs or in the next one, or lost: none lives for
 * longer than ten seconds.
 */
export const budgetWindowMs = 5_000;
/** Retries that a version may always have in a window: with few requests a share says nothing. */
const always = 50;
/** What one retry costs. All are whole numbers, which are kept in place and not on the heap. */
const cost = 1_000;

/**
 * How many retries a version may have: a share of its requests and ten a second, each to be used
 * within ten seconds. So a version that fails altogether gets no more than that on top of its
 * load, however many ask (Finagle's RetryBudget, Linkerd's).
 *
 * As tokens come by windows, there may be fifty more at once than these words say.
 *
 * It costs a request nothing: how many there were is told when it matters.
 */
export class RetryBudget {
  /** What a request brings. */
  #perRequest = 0;
  /** What each window brings without requests. */
  #perWindow = 0;
  /** What is left of this window, and of the one before. */
  #tokens: number;
  #before: number;
  /** Requests that have brought what they bring. */
  #counted = 0;
  readonly #always: number;

  /** `part`: what this process has of what there is always. */
  constructor(percent: number, part = 1) {
    this.#always = Math.round(always * part * cost);
    this.percent = percent;
    // A version that is new has as much as one that was idle.
    this.#tokens = this.#perWindow;
    this.#before = this.#perWindow;
  }

  /** What is left stays: only later requests bring more or less. 0: no retries at all. */
  set percent(percent: number) {
    this.#perRequest = Math.round((percent / 100) * cost);
    this.#perWindow = percent > 0 ? this.#always : 0;
  }

  /**
   * Takes what one retry costs, the oldest first; `requests` is how many the version has had, as
   * 32 bits. Returns whether there was as much.
   */
  withdraw(requests: number): boolean {
    this.#count(requests);
    if (this.#before + this.#tokens < cost) return false;
    const old = Math.min(cost, this.#before);
    this.#before -= old;
    this.#tokens -= cost - old;
    return true;
  }

  /** A window is over. */
  turn(requests: number): void {
    this.#count(requests);
    this.#before = this.#tokens;
    this.#tokens = this.#perWindow;
  }

  #count(requests: number): void {
    this.#tokens += ((requests - this.#counted) | 0) * this.#perRequest;
    this.#counted = requests;
  }
}
