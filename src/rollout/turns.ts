/** Lets one act follow the other: each begins with what the one before has left. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Acts when all before have ended, well or badly; returns what becomes of it. */
  take<Result>(act: () => Promise<Result>): Promise<Result> {
    const acted = this.#last.then(act);
    this.#last = acted.catch(() => {});
    return acted;
  }
}
