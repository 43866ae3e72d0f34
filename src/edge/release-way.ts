import type { Document } from '#core/document/document';
import type { Reading } from '#core/document/read';
import { compile } from '#core/snapshot/compile';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Settings } from '../cli/settings.ts';
import { exitCodes, Trouble } from '../cli/trouble.ts';
import { Keeper } from '../rollout/keeper.ts';
import { FileLedger, type Ledger, MemoryLedger } from '../rollout/ledger.ts';
import { Loop } from '../rollout/loop.ts';
import type { Measures } from '../rollout/measures.ts';
import type { PreparedDocument, RolloutEvent, RolloutPorts } from '../rollout/ports.ts';
import { Rollouts } from '../rollout/rollouts.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Carrier } from './carrier.ts';
import { messageOf } from './errors.ts';
import { countsOf } from './version-counts.ts';

export interface ReleaseParts {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly measures: Measures;
  readonly carrier: Carrier;
  readonly read: (text: string) => Promise<Reading>;
}

/** How documents and rollouts change what is in force: one snapshot after the other. */
export class ReleaseWay {
  readonly rollouts: Rollouts;
  readonly #parts: ReleaseParts;
  readonly #keeper: Keeper;
  readonly #loop: Loop;
  /** The documents of snapshots that were compiled and are not in force yet. */
  readonly #prepared = new WeakMap<Snapshot, PreparedDocument>();

  constructor(parts: ReleaseParts) {
    const { settings, log, metrics, measures, carrier, read } = parts;
    this.#parts = parts;
    const ledger = ledgerOf(settings);
    const ports: RolloutPorts = {
      now: Date.now,
      collect: () => carrier.collect(),
      versions: (routes) => versionsOf(carrier, routes),
      countsOf: countsOf(metrics),
      apply: () => this.#apply(),
      read,
      happened: (event) => logRollout(log, event),
      troubled: (what, error) =>
        log.event('error', 'rollout_troubled', `${what}: ${messageOf(error)}`),
    };
    const options = { revisionHistoryLimit: settings.revisionHistory };
    this.#keeper = new Keeper(ledger, ports, options);
    this.rollouts = new Rollouts(ledger, measures, ports, this.#keeper);
    this.#loop = new Loop(this.rollouts);
  }

  /** Compiles a document with the weights in force. */
  compile(document: Document, hash: string, text: string): Snapshot {
    return this.#compiled(this.#keeper.prepare(document, hash, text));
  }

  #compiled(prepared: PreparedDocument): Snapshot {
    const { document, hash } = prepared;
    const snapshot = compile(document, { hash, rowOf: this.#parts.metrics.rows.rowOf });
    this.#prepared.set(snapshot, prepared);
    return snapshot;
  }

  /** Puts a document in force that was compiled here. */
  swap(compiled: Snapshot): Promise<void> {
    return this.#keeper.exclusively(async () => {
      const { carrier, metrics } = this.#parts;
      const before = metrics.inForce().snapshot;
      const first = this.#prepared.get(compiled);
      if (first === undefined) throw new TypeError('the snapshot was compiled elsewhere');
      const prepared = this.#keeper.preparedAgain(first);
      const snapshot = prepared === first ? compiled : this.#compiled(prepared);
      await carrier.swap(snapshot, 'document');
      const changes = before === undefined ? [] : differenceText(difference(before, snapshot));
      await this.#keeper.taken(prepared, changes);
    });
  }

  /** Puts in force what the keeper has come to: it asks for that. */
  async #apply(): Promise<void> {
    const { carrier, metrics } = this.#parts;
    const { snapshot: before } = metrics.inForce();
    const options = { hash: this.#keeper.hash, rowOf: metrics.rows.rowOf, before };
    await carrier.swap(compile(this.#keeper.inForce(), options), 'rollout');
  }

  /** A candidate has failed. */
  urgent(): void {
    this.#loop.look();
  }

  close(): void {
    this.#loop.close();
  }
}

/** More routes than that are asked for all at once. */
const fewRoutes = 8;

async function versionsOf(carrier: Carrier, routes: readonly string[] | undefined) {
  if (routes === undefined || routes.length > fewRoutes) return carrier.versions();
  const views = await Promise.all(routes.map((route) => carrier.versions(route)));
  return views.flat();
}

/** Returns where rollouts are remembered, and sees to it that it can be read. */
function ledgerOf({ stateDir }: Settings): Ledger {
  if (stateDir === undefined) return new MemoryLedger();
  try {
    const ledger = new FileLedger(stateDir);
    ledger.load();
    return ledger;
  } catch (error) {
    throw new Trouble(exitCodes.wrongUse, `--state-dir ${stateDir}: ${messageOf(error)}`);
  }
}

function logRollout(log: Log, { reason, ...facts }: RolloutEvent): void {
  const isBad = facts.kind === 'rollback' || facts.kind === 'abort';
  log.event(isBad ? 'warn' : 'info', 'rollout_changed', reason, { ...facts });
}
