/** Where a replica may be asked. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** What every answer of a replica says of it. */
export interface Introduction {
  readonly replica: string;
  /** Of its process. */
  readonly epoch: string;
  /** Hash of the document in force; '' before the first. */
  readonly hash: string;
  /** Number of the weights in force. */
  readonly weights: number;
  /** It leads, under this term. */
  readonly term?: number | undefined;
}

/** Another replica, as it was last heard. */
export interface Peer {
  readonly address: PeerAddress;
  /** Undefined until it has answered. */
  readonly known: Introduction | undefined;
  readonly heardAt: number | undefined;
  /** Why the last try to ask it was in vain; undefined: it was not. */
  readonly trouble: string | undefined;
}

export interface PeerPorts {
  /** As `--peers` names them. */
  readonly names: readonly PeerAddress[];
  readonly epoch: string;
  /** Returns all addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Asks a replica; rejects where it does not answer as one. */
  readonly ask: (question: Question) => Promise<Introduction>;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Told that the addresses have changed. */
  readonly changed: () => void;
  readonly troubled: (what: string, error: unknown) => void;
}

export interface Question {
  readonly address: PeerAddress;
  readonly what: string;
  readonly body: object;
  readonly timeoutMs: number;
}

/** How often names are resolved again, and who was not heard is asked how it is. */
const everyMs = 3_000;
/** Who has not answered for so long is not counted any more. */
const silentMs = 10_000;
const helloMs = 2_000;

/**
 * The other replicas. Names stand for as many as they have addresses; which of these is this very
 * process is seen by the epoch in its answer.
 */
export class Peers {
  readonly #ports: PeerPorts;
  readonly #peers = new Map<string, Peer>();
  readonly #ofName = new Map<PeerAddress, readonly string[]>();
  readonly #ours = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: PeerPorts) {
    this.#ports = ports;
  }

  /** Resolves when it is known who there is, as far as they answer. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#again(), everyMs);
    this.#timer.unref();
    await this.#again();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** All others that there are addresses of. */
  all(): readonly Peer[] {
    return [...this.#peers].flatMap(([key, peer]) => (this.#ours.has(key) ? [] : [peer]));
  }

  /** Those that have answered lately. */
  living(): readonly Peer[] {
    return this.all().filter((peer) => this.isLiving(peer));
  }

  isLiving({ heardAt, trouble }: Peer): boolean {
    const now = this.#ports.now();
    return heardAt !== undefined && (trouble === undefined || now - heardAt < silentMs);
  }

  /** Asks one of them. Rejects where it does not answer. */
  async ask(
    { address }: Pick<Peer, 'address'>,
    what: string,
    body: object,
    timeoutMs: number,
  ): Promise<Introduction> {
    const key = keyOf(address);
    try {
      const known = await this.#ports.ask({ address, what, body, timeoutMs });
      if (known.epoch === this.#ports.epoch) this.#ours.add(key);
      this.#note(key, { address, known, heardAt: this.#ports.now(), trouble: undefined });
      return known;
    } catch (error) {
      const before = this.#peers.get(key);
      const trouble = error instanceof Error ? error.message : String(error);
      if (before !== undefined) this.#note(key, { ...before, trouble });
      throw error;
    }
  }

  #note(key: string, peer: Peer): void {
    if (this.#peers.has(key)) this.#peers.set(key, peer);
  }

  async #again(): Promise<void> {
    await Promise.all(this.#ports.names.map((name) => this.#resolve(name)));
    const wanted = new Set([...this.#ofName.values()].flat());
    let isChanged = false;
    for (const key of this.#peers.keys()) {
      if (wanted.has(key)) continue;
      this.#peers.delete(key);
      this.#ours.delete(key);
      isChanged = true;
    }
    const now = this.#ports.now();
    const quiet = this.all().filter(({ heardAt }) => now - (heardAt ?? 0) >= everyMs || !heardAt);
    await Promise.all(quiet.map((peer) => this.ask(peer, 'hello', {}, helloMs).catch(() => {})));
    if (isChanged || quiet.length > 0) this.#ports.changed();
  }

  /** A name that cannot be resolved now keeps the addresses it had. */
  async #resolve(name: PeerAddress): Promise<void> {
    const { resolve, troubled } = this.#ports;
    try {
      const hosts = await resolve(name.host);
      const addresses = hosts.map((host) => ({ host, port: name.port }));
      this.#ofName.set(name, addresses.map(keyOf));
      for (const address of addresses) {
        const key = keyOf(address);
        if (this.#peers.has(key)) continue;
        const nothing = { known: undefined, heardAt: undefined, trouble: undefined };
        this.#peers.set(key, { address, ...nothing });
      }
    } catch (error) {
      troubled(`--peers ${name.host}`, error);
    }
  }
}

export function keyOf({ host, port }: PeerAddress): string {
  return `${host}:${port}`;
}
