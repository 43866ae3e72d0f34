/** What was added between two reads, as it is told until it is durable elsewhere. */
export interface Batch<Item> {
  readonly sequence: number;
  readonly items: readonly Item[];
}

/** More than this much weight waits for nobody: the oldest goes. */
const mostWeight = 2_000_000;

/**
 * What this process has counted and nobody has written down yet, in numbered batches.
 *
 * A batch is told, the same each time, until whoever reads says that all up to it is durable: so
 * nothing is counted twice or lost where a reader dies, or an answer does.
 */
export class Outbox<Item> {
  /** Of this process: who knows another one begins anew. */
  readonly epoch: string;
  readonly #weigh: (item: Item) => number;
  #open: Item[] = [];
  #batches: { readonly batch: Batch<Item>; readonly weight: number }[] = [];
  #openWeight = 0;
  #weight = 0;
  #sequence = 0;
  #dropped = 0;
  #isUrgent = false;
  readonly #waiting = new Set<() => void>();

  constructor(epoch: string, weigh: (item: Item) => number) {
    this.epoch = epoch;
    this.#weigh = weigh;
  }

  add(item: Item): void {
    const weight = this.#weigh(item);
    this.#open.push(item);
    this.#openWeight += weight;
    this.#weight += weight;
    if (this.#weight > mostWeight) this.#drop();
  }

  /** Something was added that has to be read now. */
  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  /** Batches that were thrown away because nobody has read them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What was added has to be read now. */
  urgent(): void {
    this.#isUrgent = true;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when something is urgent, at the latest after so many milliseconds. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#isUrgent || ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }

  /** Returns the batches behind one, and forgets those up to one that is durable. */
  read(after: number, durable: number): readonly Batch<Item>[] {
    this.#forget(durable);
    this.#seal();
    this.#isUrgent = false;
    return this.#batches.map(({ batch }) => batch).filter(({ sequence }) => sequence > after);
  }

  #seal(): void {
    if (this.#open.length === 0) return;
    const batch = { sequence: ++this.#sequence, items: this.#open };
    this.#batches.push({ batch, weight: this.#openWeight });
    this.#open = [];
    this.#openWeight = 0;
  }

  #forget(sequence: number): void {
    while (this.#batches[0] !== undefined && this.#batches[0].batch.sequence <= sequence) {
      this.#weight -= this.#batches.shift()?.weight ?? 0;
    }
  }

  #drop(): void {
    this.#seal();
    this.#weight -= this.#batches.shift()?.weight ?? 0;
    this.#dropped++;
  }
}
