import type { ObjectReference } from './object-reference.ts';

/** Names of the versions of one rule: no two are the same. */
export class VersionNames {
  readonly #taken = new Set<string>();

  /** Returns the shortest name for a backend that is free: `shop`, `shop:8080`, `ns/shop:8080`. */
  of({ name, namespace, port }: ObjectReference): string {
    const withPort = port === undefined ? name : `${name}:${port}`;
    const whole = namespace === undefined ? withPort : `${namespace}/${withPort}`;
    return this.#take([name, withPort, whole]);
  }

  /** Returns this name, or one made of it that is free. */
  free(name: string): string {
    return this.#take([name]);
  }

  #take(wishes: readonly string[]): string {
    const last = wishes.at(-1) ?? '';
    let name = wishes.find((wish) => !this.#taken.has(wish));
    for (let number = 2; name === undefined; number += 1) {
      if (!this.#taken.has(`${last}~${number}`)) name = `${last}~${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
