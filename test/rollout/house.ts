import type { Document } from '../../src/core/document/document.ts';
import { read } from '../../src/core/document/read.ts';
import type { VersionCounts } from '../../src/rollout/departures.ts';
import { Keeper } from '../../src/rollout/keeper.ts';
import type { Kept } from '../../src/rollout/kept.ts';
import { type Ledger, MemoryLedger } from '../../src/rollout/ledger.ts';
import type { RolloutPorts } from '../../src/rollout/ports.ts';
import { Rollouts } from '../../src/rollout/rollouts.ts';
import { canary, shop } from './made-up.ts';
import { endpoint, Moved, noCounts, viewOf } from './moved.ts';

export const unjudged = canary.replace(/ }$/, ', judge: off }');

/** Rollouts with everything around them made up: what is done is noted. */
export class House extends Moved {
  readonly applied: Document[] = [];
  readonly rollouts: Rollouts;
  readonly keeper: Keeper;
  readonly counts = new Map<string, Partial<VersionCounts>>();
  ready = 1;

  constructor(ledger: Ledger = new MemoryLedger()) {
    super();
    const ports: RolloutPorts = {
      now: () => this.nowMs,
      collect: async () => {
        for (const increment of this.tally.take()) this.measures.add(increment);
      },
      versions: async () =>
        ['v1', 'v2'].map((version) =>
          viewOf(version, { endpoints: [endpoint(version === 'v1' || this.ready > 0)] }),
        ),
      countsOf: (_route, version) => this.#countsOf(version),
      apply: async () => void this.applied.push(this.keeper.inForce()),
      read: async (text) => read(text),
      happened: (event) => this.events.push(event),
      troubled: (what) => this.troubles.push(what),
    };
    this.keeper = new Keeper(ledger, ports, { revisionHistoryLimit: 10 });
    this.rollouts = new Rollouts(ledger, this.measures, ports, this.keeper);
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  #countsOf(version: string): VersionCounts {
    return { ...noCounts, ...this.counts.get(version) };
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
