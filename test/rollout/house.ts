import type { Document } from '../../src/core/document/document.ts';
import { read } from '../../src/core/document/read.ts';
import type { VersionView } from '../../src/core/endpoints/version-view.ts';
import type { VersionCounts } from '../../src/rollout/departures.ts';
import { Keeper } from '../../src/rollout/keeper.ts';
import type { Kept } from '../../src/rollout/kept.ts';
import { type Ledger, MemoryLedger } from '../../src/rollout/ledger.ts';
import { Measures } from '../../src/rollout/measures.ts';
import type { RolloutEvent, RolloutPorts } from '../../src/rollout/ports.ts';
import { Rollouts } from '../../src/rollout/rollouts.ts';
import { judgedRoute, of, type Sketch, tallyOf } from './judged.ts';
import { canary, shop } from './made-up.ts';

export const unjudged = canary.replace(/ }$/, ', judge: off }');

/** Rollouts with everything around them made up: what is done is noted. */
export class House {
  readonly events: RolloutEvent[] = [];
  readonly applied: Document[] = [];
  readonly troubles: string[] = [];
  readonly rollouts: Rollouts;
  readonly keeper: Keeper;
  readonly measures = new Measures();
  readonly tally = tallyOf();
  readonly counts = new Map<string, Partial<VersionCounts>>();
  nowMs = 1_000;
  ready = 1;

  constructor(ledger: Ledger = new MemoryLedger()) {
    const ports: RolloutPorts = {
      now: () => this.nowMs,
      collect: async () => {
        for (const increment of this.tally.take()) this.measures.add(increment);
      },
      versions: async () => ['v1', 'v2'].map((version) => this.#view(version)),
      countsOf: (_route, version) => this.#countsOf(version),
      apply: async () => void this.applied.push(this.keeper.inForce()),
      read: async (text) => read(text),
      happened: (event) => this.events.push(event),
      troubled: (what) => this.troubles.push(what),
    };
    this.keeper = new Keeper(ledger, ports, { revisionHistoryLimit: 10 });
    this.rollouts = new Rollouts(ledger, this.measures, ports, this.keeper);
  }

  async take(document: Document, hash = 'aaa'): Promise<void> {
    await this.keeper.exclusively(() =>
      this.keeper.taken(this.keeper.prepare(document, hash, ''), []),
    );
  }

  async lookAt(nowMs: number): Promise<void> {
    this.nowMs = nowMs;
    await this.rollouts.look();
  }

  /** Counts exchanges as the route in force is judged. */
  observe(...sketches: readonly Sketch[]): void {
    const route = judgedRoute(this.keeper.inForce().routes[0]?.judging);
    for (const sketch of sketches) this.tally.observe(of(route, sketch));
  }

  /** What v2 has of the route in force: its weight among both, and whether it may be reached. */
  get share(): number | undefined {
    const versions = this.keeper.inForce().routes[0]?.versions ?? [];
    const v2 = versions.find(({ name }) => name === 'v2');
    const total = versions.reduce((sum, { weight }) => sum + weight, 0);
    return v2 === undefined || v2.state === 'disabled' ? undefined : v2.weight / total;
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  #view(version: string): VersionView {
    const seen = { healthy: version === 'v1' || this.ready > 0 ? 1 : 0, unhealthy: 0, ejected: 0 };
    const endpoint = {
      url: 'http://a:1',
      address: 'a:1',
      seen,
      proven: seen.healthy,
      inFlight: 0,
      connections: 0,
    };
    return {
      route: 'shop',
      version,
      inFlight: 0,
      waiting: 0,
      panicking: 0,
      processes: 1,
      reachable: 1,
      terminating: 0,
      trouble: '',
      endpoints: [endpoint],
    };
  }

  #countsOf(version: string): VersionCounts {
    const nothing = { requests: 0, failures: 0, inFlight: 0, held: 0, unserved: 0, sent: 0 };
    const never = { lastSentAt: undefined, lastEndedAt: undefined };
    return { ...nothing, ...never, ...this.counts.get(version) };
  }
}

/** A house with a document of the route `shop` in force. */
export async function houseWith(
  rollout = unjudged,
  ledger?: Ledger,
  nowMs = 1_000,
): Promise<House> {
  const house = new House(ledger);
  house.nowMs = nowMs;
  await house.rollouts.start();
  await house.take(shop(rollout));
  return house;
}

/** A ledger that can be broken. */
export class Unwritable extends MemoryLedger {
  isBroken = false;

  override async save(): Promise<void> {
    if (this.isBroken) throw new Error('no space left');
  }
}

/** A ledger that a second process can read. */
export class Remembering extends MemoryLedger {
  kept: Kept | undefined;

  override load(): Kept {
    return this.kept ?? super.load();
  }

  override async save(kept?: Kept): Promise<void> {
    this.kept = kept;
  }
}
