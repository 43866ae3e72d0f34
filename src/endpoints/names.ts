import dns from 'node:dns/promises';

/** Addresses of a name, in the system's order. Rejects, or is empty, where it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** What is known of a name: its last good answer, and what went wrong since. */
export interface NameStatus {
  /** Undefined before the first good answer. */
  readonly addresses: readonly string[] | undefined;
  /** The system's code of the last look, or `empty`; undefined if it was good. */
  readonly trouble: string | undefined;
}

export interface NamePorts {
  readonly lookup: Lookup;
  readonly random: () => number;
  /** A look went wrong; `isNews`: the one before did not, or in another way. */
  readonly failed: (name: string, trouble: string, isNews: boolean) => void;
  /** A look went right after one that did not. */
  readonly recovered: (name: string) => void;
}

export interface NameTimes {
  readonly intervalMs: number;
  /** Until a name without any good answer is looked up again. */
  readonly retryMs: number;
}

export const nameTimes: NameTimes = { intervalMs: 5_000, retryMs: 1_000 };

/**
 * Looks run on the threads that also read files: names that hang must not take them all (Node has
 * four by default).
 */
const looksAtOnce = 2;

/**
 * The addresses of names, looked up again and again by the system's resolver, off the way of
 * any request. The last good answer stays until there is another one: a DNS server that is
 * gone, or says nothing, takes no endpoint away.
 */
export class Names {
  readonly #ports: NamePorts;
  readonly #times: NameTimes;
  readonly #names = new Map<string, Name>();
  readonly #queue: Name[] = [];
  #looking = 0;

  constructor(ports: NamePorts, times: NameTimes = nameTimes) {
    this.#ports = ports;
    this.#times = times;
  }

  /**
   * Follows a name. `changed` is called when something is known, which may be at once, and again
   * each time that changes. Returns what ends it.
   */
  follow(host: string, changed: (status: NameStatus) => void): () => void {
    let name = this.#names.get(host);
    if (name === undefined) {
      name = new Name(host);
      this.#names.set(host, name);
      this.#look(name);
    } else if (name.isKnown) changed(name.status);
    const { followers } = name;
    followers.add(changed);
    return () => {
      if (followers.delete(changed) && followers.size === 0) this.#drop(name);
    };
  }

  /** Stops looking. */
  close(): void {
    for (const name of this.#names.values()) this.#drop(name);
  }

  #drop(name: Name): void {
    if (name.isDropped) return;
    name.isDropped = true;
    clearTimeout(name.timer);
    this.#names.delete(name.host);
  }

  #look(name: Name): void {
    this.#queue.push(name);
    this.#lookOn();
  }

  #lookOn(): void {
    while (this.#looking < looksAtOnce) {
      const name = this.#queue.shift();
      if (name === undefined) return;
      if (name.isDropped) continue;
      this.#looking++;
      void this.#lookUp(name);
    }
  }

  async #lookUp(name: Name): Promise<void> {
    let status: NameStatus;
    try {
      const addresses = await this.#ports.lookup(name.host);
      status =
        addresses.length > 0
          ? { addresses: [...new Set(addresses)].sort(), trouble: undefined }
          : { ...name.status, trouble: 'empty' };
    } catch (error) {
      status = { ...name.status, trouble: codeOf(error) };
    }
    this.#looking--;
    if (!name.isDropped) this.#looked(name, status);
    this.#lookOn();
  }

  #looked(name: Name, status: NameStatus): void {
    const { intervalMs, retryMs } = this.#times;
    const { random, failed, recovered } = this.#ports;
    const { trouble } = name.status;
    const waitMs = status.addresses === undefined ? retryMs : intervalMs;
    name.timer = setTimeout(() => this.#look(name), waitMs * (0.9 + random() / 5));
    name.timer.unref();
    if (status.trouble !== undefined) failed(name.host, status.trouble, status.trouble !== trouble);
    else if (trouble !== undefined) recovered(name.host);
    name.become(status);
  }
}

class Name {
  readonly host: string;
  readonly followers = new Set<(status: NameStatus) => void>();
  status: NameStatus = { addresses: undefined, trouble: undefined };
  isDropped = false;
  timer: NodeJS.Timeout | undefined;

  constructor(host: string) {
    this.host = host;
  }

  /** Something has come back, good or not. */
  get isKnown(): boolean {
    return this.status.addresses !== undefined || this.status.trouble !== undefined;
  }

  become(status: NameStatus): void {
    const { addresses, trouble } = this.status;
    this.status = status;
    if (trouble === status.trouble && addresses?.join() === status.addresses?.join()) return;
    for (const changed of [...this.followers]) changed(status);
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? String(error);
}

/**
 * Asks the system, as any program of this machine would: hosts file, search domains and all. Of
 * a name with addresses of both kinds it returns the kind that the system puts first: they mostly
 * lead to the same place, which would count twice. `localhost` has both: programs listen at one
 * or at the other.
 */
export const systemLookup: Lookup = async (name) => {
  const found = await dns.lookup(name, { all: true, order: 'verbatim' });
  const [first] = found;
  const isLocal = /(?:^|\.)localhost\.?$/.test(name);
  return found
    .filter(({ family }) => isLocal || family === first?.family)
    .map(({ address }) => address);
};
