/** How many connections each client address has open, where that is limited. */
export class ClientCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** `most`: of one address; 0 for no limit, and then nothing is counted. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a connection. Returns false where its client has too many; then it is not counted. */
  comes(address: string): boolean {
    if (this.#most === 0) return true;
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  goes(address: string): void {
    const count = this.#counts.get(address);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
