import type { RouteStatus } from '#core/rollout/status';
import type { Election } from '../cluster/election.ts';
import type { Told } from '../cluster/hearing.ts';
import type { Outbox } from '../cluster/outbox.ts';
import type { Introduction } from '../cluster/peers.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import type { UnitLogs } from '../rollout/unit-logs.ts';
import type { Moved } from './moved.ts';
import { inFlightOf, questionIn, toldJson } from './peer-json.ts';
import { readUnitsPart, unitsPartJson } from './peer-units.ts';

export interface PeerAnswersParts {
  /** Name of this replica. */
  readonly replica: string;
  /** Of this process. */
  readonly epoch: string;
  readonly election: Pick<Election, 'term'>;
  readonly outbox: Outbox<TallyIncrement>;
  readonly units: UnitLogs;
  /** Undefined before this replica takes part: it answers already. */
  readonly moved: () => Moved | undefined;
}

const mostWaitMs = 5_000;

/** What this replica says to the others, and takes of them, when they ask. */
export class PeerAnswers {
  readonly #parts: PeerAnswersParts;
  /** The latest term of which units were heard, or the own one. */
  #latestTerm = 0;

  constructor(parts: PeerAnswersParts) {
    this.#parts = parts;
  }

  /** This replica leads under a term: it takes no units of an older one any more. */
  leads(term: number): void {
    this.#latestTerm = term;
  }

  /** Answers another replica; undefined: there is nothing of that name to be asked. */
  async answer(what: string, body: unknown, signal: AbortSignal): Promise<object | undefined> {
    const introduction = this.introduction();
    switch (what) {
      case 'hello':
        return introduction;
      case 'tallies':
        return this.#answerTallies(body, signal);
      case 'units':
        return { ...introduction, length: this.#takeUnitsPart(body) };
      case 'units-of':
        return { ...introduction, ...unitsPartJson(this.#parts.units, body) };
      case 'status':
        return { ...introduction, routes: await this.statuses(routeIn(body)) };
      default:
        return undefined;
    }
  }

  introduction(): Introduction {
    const { replica, epoch, election, moved } = this.#parts;
    const { keeper } = moved() ?? {};
    return {
      replica,
      epoch,
      hash: keeper?.hash ?? '',
      weights: keeper?.kept.weights ?? 0,
      term: election.term,
    };
  }

  /** What this replica has counted: the batches behind one, as far as they are not durable. */
  told(after: number, durable: number, isUrgent: boolean): Told<TallyIncrement> {
    const { outbox, moved } = this.#parts;
    const batches = outbox.read(after, durable);
    const { keeper, inFlight } = moved() ?? {};
    return {
      ...this.introduction(),
      batches,
      isUrgent,
      inFlight: keeper === undefined || inFlight === undefined ? [] : inFlightOf(keeper, inFlight),
    };
  }

  /** How a route stands here, or all of them. */
  statuses(route: string | undefined): Promise<readonly RouteStatus[]> {
    return this.#parts.moved()?.rollouts.statuses(route) ?? Promise.resolve([]);
  }

  async #answerTallies(body: unknown, signal: AbortSignal): Promise<object> {
    const { epoch, outbox, moved } = this.#parts;
    const { after, durable, waitMs } = questionIn(body, epoch);
    await outbox.wait(Math.min(waitMs, mostWaitMs), signal);
    const { isUrgent } = outbox;
    await moved()?.collect();
    return toldJson(this.told(after, durable, isUrgent));
  }

  /** A leader of the past may still give away what it has: it must not come in between. */
  #takeUnitsPart(body: unknown): number {
    const { term, ...part } = readUnitsPart(body);
    if (term < this.#latestTerm) throw new TypeError('a later leader has been heard of');
    this.#latestTerm = term;
    return this.#parts.units.take(part);
  }
}

function routeIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('route' in body)) return undefined;
  return typeof body.route === 'string' ? body.route : undefined;
}
