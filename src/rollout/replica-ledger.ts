import type { Kept } from './kept.ts';
import { Overtaken, type Shared, type SharedLedger } from './shared.ts';
import type { UnitLogs } from './unit-logs.ts';

export interface ReplicaLedgerPorts {
  readonly latest: () => Shared;
  /** Undefined where somebody else was faster. */
  readonly write: (
    kept: Kept,
    version: string,
    by: 'leader' | 'person',
  ) => Promise<string | undefined>;
  readonly document: (hash: string) => Promise<string | undefined>;
  readonly saveDocument: (hash: string, text: string) => void;
  readonly retain: (hashes: ReadonlySet<string>) => void;
  /**
   * Gives the others what they lack of the units, before evidence is written that is made of them.
   * Who does not lead has none.
   */
  readonly spread: () => Promise<void>;
  readonly units: UnitLogs;
  /** Names this replica's own logs of units. */
  readonly log: () => string;
}

/** Longer records of ticks than this are not kept: see `MemoryLedger`. */
const mostTicks = 16 * 1_024 * 1_024;

/**
 * The ledger of one of several replicas: what is kept is shared, the units go from the leader to
 * the others, and the record of the ticks is the leader's own, from when it began to lead.
 */
export class ReplicaLedger implements SharedLedger {
  readonly warning = undefined;
  readonly scope = 'replicas';
  readonly #ports: ReplicaLedgerPorts;
  readonly #ticks = new Map<string, string>();

  constructor(ports: ReplicaLedgerPorts) {
    this.#ports = ports;
  }

  /** This replica begins to lead: what it has counted before is not of one piece with what comes. */
  begin(): void {
    this.#ticks.clear();
  }

  latest(): Shared {
    return this.#ports.latest();
  }

  async write(kept: Kept, version: string, by: 'leader' | 'person'): Promise<string> {
    await this.#ports.spread();
    const written = await this.#ports.write(kept, version, by);
    if (written === undefined) throw new Overtaken();
    return written;
  }

  async addUnits(release: string, units: Uint8Array): Promise<void> {
    this.#ports.units.add(release, units, this.#ports.log());
  }

  async unitsOf(release: string): Promise<Uint8Array> {
    return this.#ports.units.bytesOf(release);
  }

  async addTicks(release: string, lines: string): Promise<void> {
    const before = this.#ticks.get(release) ?? '';
    if (before.length < mostTicks) this.#ticks.set(release, before + lines);
  }

  async ticksOf(release: string): Promise<string | undefined> {
    return this.#ticks.get(release);
  }

  async saveDocument(hash: string, text: string): Promise<void> {
    this.#ports.saveDocument(hash, text);
  }

  document(hash: string): Promise<string | undefined> {
    return this.#ports.document(hash);
  }

  retain(hashes: ReadonlySet<string>, releases: ReadonlySet<string>): void {
    this.#ports.retain(hashes);
    this.#ports.units.retain(releases);
    for (const name of this.#ticks.keys()) if (!releases.has(name)) this.#ticks.delete(name);
  }
}
