/** Times in milliseconds, gathered until somebody asks. */
export class Latencies {
  #ms: number[] = [];

  add(ms: number): void {
    this.#ms.push(ms);
  }

  /** Returns what has been gathered, and begins anew. */
  take(): LatencyFigures {
    const sorted = Float64Array.from(this.#ms).sort();
    this.#ms = [];
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) };
  }
}

export interface LatencyFigures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}
