import { isOver } from '#core/rollout/state';
import { claimTerm } from '../cluster/claim-term.ts';
import type { ConfigMapLedger } from '../cluster/configmap-ledger.ts';
import type { Election } from '../cluster/election.ts';
import { Hearing, type Told } from '../cluster/hearing.ts';
import type { Peers } from '../cluster/peers.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import type { Keeper } from '../rollout/keeper.ts';
import type { Kept } from '../rollout/kept.ts';
import type { Heard } from '../rollout/shared.ts';
import { Turns } from '../rollout/turns.ts';
import type { UnitLogs } from '../rollout/unit-logs.ts';
import type { Moved } from './moved.ts';
import { toldIn } from './peer-json.ts';
import { fetchUnits, spreadUnits } from './peer-units.ts';

export interface LeadingParts {
  /** Of this process. */
  readonly epoch: string;
  readonly election: Pick<Election, 'mayAct' | 'term' | 'beyond'>;
  readonly peers: Peers;
  readonly config: Pick<ConfigMapLedger<Kept>, 'latest' | 'refresh' | 'write'>;
  readonly units: UnitLogs;
  readonly moved: () => Moved | undefined;
  /** Told under which term this replica begins to lead, before anything is done under it. */
  readonly begins: (term: number) => void;
  readonly troubled: (what: string, error: unknown) => void;
}

const spreadMs = 300;
const againMs = 1_000;
const beginning = 'beginning to lead';

/** The stints of this replica as the leader: it hears what all have counted, and has the units. */
export class Leading {
  readonly #parts: LeadingParts;
  readonly #turns = new Turns();
  #hearing: Hearing<TallyIncrement> | undefined;
  /** The term that it has begun to lead under, and the one that it does lead under. */
  #stint = 0;
  #leadsUnder: number | undefined;

  constructor(parts: LeadingParts) {
    this.#parts = parts;
  }

  /** Somebody else has been elected, or this replica was. */
  elected(): void {
    void this.#turns
      .take(() => this.#reconcile())
      .catch((error) => this.#parts.troubled(beginning, error));
  }

  /** Listens to those that there are now, where it leads. */
  listen(): void {
    void this.#hearing?.listen();
  }

  close(): void {
    this.#hearing?.close();
  }

  /** Takes what this replica has counted itself, where it leads. */
  hearOwn(told: (after: number, durable: number) => Told<TallyIncrement>): void {
    const hearing = this.#hearing;
    if (hearing === undefined) return;
    const { after, durable } = hearing.questionFor(this.#parts.epoch);
    hearing.take(told(after, durable));
  }

  /** What of all counts is in the measures of a release now, with so many bytes of units to come. */
  heard(release: string, unitBytes: number): Heard {
    const length = this.#parts.units.lengthOf(release) + unitBytes;
    return { from: this.#hearing?.places() ?? {}, log: this.logName(), unitBytes: length };
  }

  /** Requests that the others have under way to a version, under these weights or later. */
  inFlightElsewhere(route: string, version: string, weights: number): number {
    const epochs = this.#parts.peers.living().flatMap(({ known }) => known?.epoch ?? []);
    return this.#hearing?.inFlight(epochs, route, version, weights) ?? 0;
  }

  /** Names the logs of units of this stint. */
  logName(): string {
    return `${this.#parts.epoch}/${this.#stint}`;
  }

  /** Gives the others what they lack of the units, where it leads. */
  async spread(): Promise<void> {
    if (this.#leadsUnder === undefined) return;
    const { units, peers } = this.#parts;
    await spreadUnits(units, peers, this.#stint, spreadMs);
  }

  /** Leads or follows, as the election has it now. */
  async #reconcile(): Promise<void> {
    const { election, moved, troubled } = this.#parts;
    if (this.#leadsUnder !== undefined && this.#leadsUnder !== election.term) {
      this.#leadsUnder = undefined;
      this.#hearing?.close();
      this.#hearing = undefined;
      await moved()?.rollouts.unlead();
    }
    while (this.#leadsUnder === undefined && election.mayAct()) {
      try {
        await this.#lead();
      } catch (error) {
        troubled(beginning, error);
        this.#hearing?.close();
        this.#hearing = undefined;
        await moved()?.rollouts.unlead();
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }

  async #lead(): Promise<void> {
    const { config, election, peers, units, begins, troubled } = this.#parts;
    const moved = this.#parts.moved();
    if (moved === undefined) return;
    await Promise.all([config.refresh(), moved.refreshRules()]);
    this.#stint = await claimTerm(config, election);
    begins(this.#stint);
    await this.#takeUnits();
    const hearing = new Hearing<TallyIncrement>({
      peers,
      read: toldIn,
      heard: (increment, epoch, sequence) => hear(moved, increment, epoch, sequence),
      durable: (epoch) => this.#durable(moved.keeper, epoch),
      urgent: moved.look,
      troubled,
    });
    const isKnown = (release: string, heard: Heard) => units.knows(release, heard);
    await moved.rollouts.lead(isKnown, async () => {
      this.#hearing = hearing;
      await hearing.listen();
    });
    this.#leadsUnder = this.#stint;
    moved.look();
  }

  /** Goes on with the logs of units, as far as they are in the evidence. */
  async #takeUnits(): Promise<void> {
    const { config, peers, units } = this.#parts;
    const { kept } = config.latest();
    for (const { state, heard } of Object.values(kept.rollouts)) {
      if (isOver(state)) continue;
      if (heard !== undefined && !units.knows(state.release, heard)) {
        await fetchUnits(units, peers, state.release, heard);
      }
      units.lead(state.release, this.logName(), heard);
    }
  }

  /** How far all open rollouts that are written have the batches of a process. */
  #durable(keeper: Keeper, epoch: string): number {
    const open = Object.values(keeper.written.rollouts).filter(({ state }) => !isOver(state));
    if (open.length === 0) return this.#hearing?.places()[epoch] ?? 0;
    return Math.min(...open.map(({ heard }) => heard?.from[epoch] ?? 0));
  }
}

/** Adds what a process has counted, where it is not in the evidence yet. */
function hear(
  { keeper, measure }: Moved,
  increment: TallyIncrement,
  epoch: string,
  sequence: number,
): void {
  const rollouts = Object.values(keeper.kept.rollouts);
  const rollout = rollouts.find(({ state }) => state.release === increment.release);
  if (rollout === undefined || isOver(rollout.state)) return;
  if ((rollout.heard?.from[epoch] ?? 0) < sequence) measure(increment);
}
