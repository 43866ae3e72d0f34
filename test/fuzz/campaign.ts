import { Dice } from './dice.ts';
import { Crossing, Lane, type Sample } from './lane.ts';
import { cutsOf } from './mutate.ts';
import type { Reader } from './readers.ts';
import { RequestStreams } from './request-streams.ts';
import { responseStream } from './response-streams.ts';
import { shrunk } from './shrink.ts';

export interface Plan {
  readonly seed: number;
  /** Requests to make. Responses come on top: one for every second stream of requests. */
  readonly count: number;
  /** One in so many streams and responses goes through a real proxy too; 0: none. */
  readonly onSocketsOneIn: number;
  readonly readers: readonly Reader[];
  readonly onProgress?: (figures: Figures) => void;
}

/** Something that must not be. */
export interface Fault {
  /** The number of its stream: with the same seed it comes again. */
  readonly number: number;
  /** Who has found it. */
  readonly by: string;
  readonly sample: Sample;
  readonly what: string;
}

export interface Figures {
  streams: number;
  requests: number;
  forwarded: number;
  responses: number;
  /** Streams, by why they were refused. */
  readonly refused: Map<string, number>;
  /** Streams whose requests Node has read as well. */
  readByNode: number;
  /** Streams, by reader and what it has made of them. */
  readonly readBy: Map<string, number>;
  /** Responses, by how they end, or why they are not believed. */
  readonly ends: Map<string, number>;
  /** Streams and responses that went through a real proxy. */
  onSockets: number;
  slowestMs: number;
  elapsedMs: number;
  readonly faults: Fault[];
}

/** Returns what is wrong with a sample, as somebody sees it. */
type Check = (sample: Sample) => Promise<string | undefined>;

/** Of each way of reading. */
const lanesEach = 4;
/** More of them would tell nothing more. */
const mostFaults = 3;

/** Makes streams until there are enough requests, and checks each. The same seed makes the same streams. */
export async function campaign(plan: Plan): Promise<Figures> {
  const run = new Campaign(plan);
  const startedAt = performance.now();
  const ways = ['borrowed', 'events'] as const;
  const crossings = await Promise.all(ways.map(Crossing.open));
  const open = crossings.flatMap((crossing, i) =>
    Array.from({ length: lanesEach }, () => Lane.open(ways[i] ?? 'events', crossing)),
  );
  await Promise.all(open.map(async (lane) => run.lane(await lane, startedAt)));
  for (const crossing of crossings) await crossing.close();
  return run.figures;
}

class Campaign {
  readonly figures: Figures = {
    streams: 0,
    requests: 0,
    forwarded: 0,
    responses: 0,
    refused: new Map(),
    readByNode: 0,
    readBy: new Map(),
    ends: new Map(),
    onSockets: 0,
    slowestMs: 0,
    elapsedMs: 0,
    faults: [],
  };
  readonly #plan: Plan;
  readonly #streams = new RequestStreams();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** One stream after the other; the lanes share them out. */
  async lane(lane: Lane, startedAt: number): Promise<void> {
    const { figures } = this;
    const { count, seed, onProgress } = this.#plan;
    while (figures.requests < count && figures.faults.length < mostFaults) {
      const number = ++figures.streams;
      const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
      await this.#requests(lane, number, dice);
      if (number % 2 === 0) await this.#response(lane, number, dice);
      figures.elapsedMs = performance.now() - startedAt;
      if (number % 10_000 === 0) onProgress?.(figures);
    }
    await lane.close();
  }

  async #requests(lane: Lane, number: number, dice: Dice): Promise<void> {
    const { figures } = this;
    const text = this.#streams.next(dice);
    figures.requests = this.#streams.made;
    const sample = { text, cuts: cutsOf(dice, text.length), method: 'GET' } as const;
    const checked = await lane.requests(sample);
    const { end, requests } = checked.understood;
    if (end.kind === 'refused') add(figures.refused, end.code);
    figures.forwarded += requests.length;
    figures.slowestMs = Math.max(figures.slowestMs, checked.tookMs);
    if (checked.readByNode) figures.readByNode++;
    await this.#tell(
      number,
      'check',
      sample,
      checked.fault,
      async (other) => (await lane.requests(other)).fault,
    );
    for (const reader of requests.length === 0 ? [] : this.#plan.readers) {
      const verdict = await lane.read(reader, checked);
      add(figures.readBy, `${reader.name} ${verdict.kind}`);
      const faultBy: Check = async (other) => {
        const read = await lane.read(reader, await lane.requests(other));
        return read.kind === 'otherwise' ? read.what : undefined;
      };
      await this.#tell(
        number,
        reader.name,
        sample,
        verdict.kind === 'otherwise' ? verdict.what : undefined,
        faultBy,
      );
    }
    // What follows a wish for a WebSocket is no HTTP.
    if (end.kind === 'upgrade' || !this.#isForSockets(dice)) return;
    const check: Check = (other) => lane.requestsOnSockets(other);
    await this.#tell(number, 'sockets', sample, await check(sample), check);
  }

  async #response(lane: Lane, number: number, dice: Dice): Promise<void> {
    const { figures } = this;
    const text = responseStream(dice);
    const cuts = cutsOf(dice, text.length);
    const sample = { text, cuts, method: dice.once(6) ? 'HEAD' : 'GET' } as const;
    const { fault, understood } = await lane.response(sample);
    figures.responses++;
    add(figures.ends, understood.refusal ?? understood.end);
    await this.#tell(
      number,
      'check of responses',
      sample,
      fault,
      async (other) => (await lane.response(other)).fault,
    );
    if (!this.#isForSockets(dice)) return;
    const check: Check = (other) => lane.responseOnSockets(other);
    await this.#tell(number, 'sockets, by a response', sample, await check(sample), check);
  }

  #isForSockets(dice: Dice): boolean {
    const { onSocketsOneIn } = this.#plan;
    if (onSocketsOneIn === 0 || !dice.once(onSocketsOneIn)) return false;
    this.figures.onSockets++;
    return true;
  }

  /** Keeps a fault, with the shortest sample that still shows it. */
  async #tell(
    number: number,
    by: string,
    sample: Sample,
    fault: string | undefined,
    check: Check,
  ): Promise<void> {
    if (fault === undefined || this.figures.faults.length >= mostFaults) return;
    const shorter = (text: string): Sample => ({
      ...sample,
      text,
      cuts: sample.cuts.filter((cut) => cut < text.length),
    });
    const text = await shrunk(
      sample.text,
      async (part) => (await check(shorter(part))) !== undefined,
    );
    const least = shorter(text);
    this.figures.faults.push({ number, by, sample: least, what: (await check(least)) ?? fault });
  }
}

function add(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
