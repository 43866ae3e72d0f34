const longest = 63;

/** Gives out names that a route, version or audience may have, each once. */
export class Names {
  readonly #given = new Set<string>();

  /** Returns the wished name, or the nearest to it that is allowed and not yet given. */
  give(wish: string): string {
    const allowed = wish
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, longest);
    const base = allowed === '' ? 'unnamed' : allowed;
    let name = base;
    for (let count = 2; this.#given.has(name); count += 1) {
      const end = `-${count}`;
      name = `${base.slice(0, longest - end.length)}${end}`;
    }
    this.#given.add(name);
    return name;
  }
}
