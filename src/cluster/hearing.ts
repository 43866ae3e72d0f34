import type { Batch } from './outbox.ts';
import { type Introduction, keyOf, type Peer, type Peers } from './peers.ts';

/** What a replica tells of its counts. */
export interface Told<Item> extends Introduction {
  readonly batches: readonly Batch<Item>[];
  /** Requests that it has under way, of the versions that matter to rollouts. */
  readonly inFlight: readonly (readonly [route: string, version: string, requests: number])[];
  readonly isUrgent: boolean;
}

export interface HearingPorts<Item> {
  readonly peers: Pick<Peers, 'all' | 'ask'>;
  readonly read: (told: Introduction) => Told<Item>;
  /** Told each item once, with its batch. */
  readonly heard: (item: Item, epoch: string, sequence: number) => void;
  /** Number of the last batch of a process that nobody needs any more; 0: none. */
  readonly durable: (epoch: string) => number;
  /** A batch that was urgent has been heard. */
  readonly urgent: () => void;
  readonly troubled: (what: string, error: unknown) => void;
}

/** How long a replica may wait with its answer until something is urgent. */
const waitMs = 1_000;
const answerMs = 4_000;
const againMs = 500;
/** The first answer of each is waited for before anything is decided. */
const firstMs = 1_500;

/** What was last heard of a process. */
interface Last {
  readonly sequence: number;
  readonly inFlight: Told<unknown>['inFlight'];
  readonly weights: number;
}

/** Listens to the other replicas for as long as this one leads: to each, over and over. */
export class Hearing<Item> {
  readonly #ports: HearingPorts<Item>;
  /** By epoch. */
  readonly #last = new Map<string, Last>();
  readonly #loops = new Set<string>();
  #isClosed = false;

  constructor(ports: HearingPorts<Item>) {
    this.#ports = ports;
  }

  /** Listens to those that there are now. Resolves when each new one has answered, or could not. */
  async listen(): Promise<void> {
    const first: Promise<void>[] = [];
    for (const peer of this.#ports.peers.all()) {
      const key = keyOf(peer.address);
      if (this.#isClosed || this.#loops.has(key)) continue;
      this.#loops.add(key);
      first.push(this.#listenTo(peer, key));
    }
    await Promise.all(first);
  }

  close(): void {
    this.#isClosed = true;
  }

  /** By epoch: how far the batches of each process were heard. */
  places(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#last].map(([epoch, { sequence }]) => [epoch, sequence]));
  }

  /** Takes what a replica tells: also this one, without any network between. */
  take({ epoch, batches, inFlight, weights }: Told<Item>): void {
    let sequence = this.#sequenceOf(epoch);
    for (const batch of batches) {
      if (batch.sequence <= sequence) continue;
      sequence = batch.sequence;
      for (const item of batch.items) this.#ports.heard(item, epoch, sequence);
    }
    this.#last.set(epoch, { sequence, inFlight, weights });
  }

  /** What to ask a process for. */
  questionFor(epoch: string) {
    return { epoch, after: this.#sequenceOf(epoch), durable: this.#ports.durable(epoch) };
  }

  /**
   * Requests under way to a version in these processes. Who has not these weights
   * yet may still send it some: one is counted for that.
   */
  inFlight(epochs: readonly string[], route: string, version: string, weights: number): number {
    return epochs.reduce((sum, epoch) => {
      const last = this.#last.get(epoch);
      if (last === undefined || last.weights < weights) return sum + 1;
      const found = last.inFlight.find(([r, v]) => r === route && v === version);
      return sum + (found?.[2] ?? 0);
    }, 0);
  }

  #sequenceOf(epoch: string): number {
    return this.#last.get(epoch)?.sequence ?? this.#ports.durable(epoch);
  }

  /** Asks one for what it has now, then over and over. Resolves after the first time. */
  async #listenTo({ address }: Peer, key: string): Promise<void> {
    const trouble = await this.#ask({ address }, key, { waitMs: 0, answerMs: firstMs });
    void this.#goOn({ address }, key, trouble);
  }

  async #goOn(peer: Pick<Peer, 'address'>, key: string, before: string | undefined): Promise<void> {
    const isThere = () => this.#ports.peers.all().some(({ address }) => keyOf(address) === key);
    let told = before;
    while (!this.#isClosed && isThere()) {
      if (told !== undefined) await new Promise((resolve) => setTimeout(resolve, againMs));
      told = await this.#ask(peer, key, { waitMs, answerMs }, told);
    }
    this.#loops.delete(key);
  }

  /** Returns what has kept it from answering; undefined: nothing. `told`: what is known of that. */
  async #ask(
    peer: Pick<Peer, 'address'>,
    key: string,
    times: { readonly waitMs: number; readonly answerMs: number },
    told?: string,
  ): Promise<string | undefined> {
    const { peers, troubled } = this.#ports;
    const known = peers.all().find(({ address }) => keyOf(address) === key)?.known;
    const question = known === undefined ? {} : this.questionFor(known.epoch);
    try {
      const body = { ...question, waitMs: times.waitMs };
      this.#took(await peers.ask(peer, 'tallies', body, times.answerMs));
      return undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) troubled(`asking ${key}`, error);
      return message;
    }
  }

  #took(answer: Introduction): void {
    if (this.#isClosed) return;
    const told = this.#ports.read(answer);
    this.take(told);
    if (told.isUrgent) this.#ports.urgent();
  }
}
