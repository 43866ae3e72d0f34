/** What bursts get from outside. */
export interface BurstPorts {
  /** Rejects where it could not be done: then it is done again, after a longer rest. */
  readonly act: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

export interface BurstTimes {
  readonly restMs: number;
  readonly retryMs: number;
}

/** The rest is so many times as long as what was done: nothing else comes short. */
const restsPerAct = 4;

/**
 * Has something done soon after it is asked for, one at a time and with a rest between two of
 * them: what is asked for meanwhile is done once.
 */
export class Bursts {
  readonly #ports: BurstPorts;
  readonly #times: BurstTimes;
  #isAsked = false;
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(ports: BurstPorts, times: BurstTimes) {
    this.#ports = ports;
    this.#times = times;
  }

  ask(): void {
    this.#isAsked = true;
    if (!this.#isBusy) void this.#act();
  }

  async #act(): Promise<void> {
    if (!this.#isAsked || this.#isClosed) return;
    const { act, failed, now } = this.#ports;
    const { restMs, retryMs } = this.#times;
    this.#isAsked = false;
    this.#isBusy = true;
    const beganAt = now();
    let waitMs = restMs;
    try {
      await act();
      waitMs = Math.max(restMs, restsPerAct * (now() - beganAt));
    } catch (error) {
      failed(error);
      this.#isAsked = true;
      waitMs = retryMs;
    }
    this.#timer = setTimeout(() => {
      this.#isBusy = false;
      void this.#act();
    }, waitMs);
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
