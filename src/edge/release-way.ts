import type { Document } from '#core/document/document';
import type { Reading } from '#core/document/read';
import { compile } from '#core/snapshot/compile';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import type { Snapshot } from '#core/snapshot/snapshot';
import { type WithEndpoints, withEndpoints } from '#core/snapshot/with-endpoints';
import type { Settings } from '../cli/settings.ts';
import { exitCodes, Trouble } from '../cli/trouble.ts';
import { Keeper } from '../rollout/keeper.ts';
import { FileLedger, type Ledger, MemoryLedger } from '../rollout/ledger.ts';
import { Loop } from '../rollout/loop.ts';
import type { Measures } from '../rollout/measures.ts';
import type { PreparedDocument, RolloutEvent, RolloutPorts } from '../rollout/ports.ts';
import { Rollouts } from '../rollout/rollouts.ts';
import { Turns } from '../rollout/turns.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Bursts } from './bursts.ts';
import type { Carrier } from './carrier.ts';
import { monotonic } from './clock.ts';
import { EndpointWay, type ServiceApi } from './endpoint-way.ts';
import { messageOf } from './errors.ts';
import type { Replica } from './replica.ts';
import { countsOf } from './version-counts.ts';

export interface ReleaseParts {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly measures: Measures;
  readonly carrier: Carrier;
  readonly read: (text: string) => Promise<Reading>;
  /** Where services are followed; see `EndpointWayPorts`. */
  readonly cluster: () => Promise<ServiceApi | string>;
  /** What a document was refused for is known now. */
  readonly again: () => void;
  /** Undefined where this process is alone. */
  readonly replica?: Replica | undefined;
}

/** Rolling updates come in bursts: endpoints are put in force with such a rest in between. */
const endpointTimes = { restMs: 50, retryMs: 1_000 };

/** How documents, rollouts and endpoints change what is in force: one snapshot after the other. */
export class ReleaseWay {
  readonly rollouts: Rollouts;
  readonly #parts: ReleaseParts;
  readonly keeper: Keeper;
  readonly #loop: Loop;
  readonly #endpoints: EndpointWay;
  readonly #endpointChanges: Bursts;
  readonly #applying = new Turns();
  /** The documents of snapshots that were compiled and are not in force yet. */
  readonly #prepared = new WeakMap<Snapshot, PreparedDocument>();
  /** What snapshots were compiled from. */
  readonly #sources = new WeakMap<Snapshot, WithEndpoints>();

  constructor(parts: ReleaseParts) {
    const { settings, log, metrics, measures, carrier, read, replica } = parts;
    this.#parts = parts;
    const ledger = replica?.ledger ?? ledgerOf(settings);
    const ports: RolloutPorts = {
      now: Date.now,
      collect: async () => {
        await carrier.collect();
        replica?.hearOwn();
      },
      versions: (routes) => versionsOf(carrier, routes),
      countsOf: countsOf(metrics),
      // One after the other: the last one has all that was decided until then.
      apply: () => this.#applying.take(() => this.#apply()),
      read,
      happened: (event) => logRollout(log, event),
      troubled: (what, error) =>
        log.event('error', 'rollout_troubled', `${what}: ${messageOf(error)}`),
      together: replica?.together,
    };
    const options = { revisionHistoryLimit: settings.revisionHistory };
    this.keeper = new Keeper(ledger, ports, options);
    this.rollouts = new Rollouts(ledger, measures, ports, this.keeper);
    this.#loop = new Loop(this.rollouts);
    const changes = {
      act: () => this.keeper.exclusively(() => this.#followEndpoints()),
      failed: (error: unknown) =>
        log.event('error', 'endpoints_failed', `putting endpoints in force: ${messageOf(error)}`),
      now: monotonic,
    };
    this.#endpointChanges = new Bursts(changes, endpointTimes);
    this.#endpoints = new EndpointWay({
      cluster: parts.cluster,
      changed: () => this.#endpointChanges.ask(),
      known: parts.again,
      awaited: (unknown) => {
        for (const text of unknown) log.event('warn', 'endpoints_awaited', text);
      },
    });
  }

  /** Compiles a document with the weights and endpoints in force. */
  compile(document: Document, hash: string, text: string): Snapshot {
    return this.#compiled(this.keeper.prepare(document, hash, text), undefined);
  }

  #compiled(prepared: PreparedDocument, before: Snapshot | undefined): Snapshot {
    const snapshot = this.#withEndpoints(prepared.document, prepared.hash, before);
    this.#prepared.set(snapshot, prepared);
    return snapshot;
  }

  /** Returns the snapshot of a document; `before` itself where nothing would be different. */
  #withEndpoints(written: Document, hash: string, before: Snapshot | undefined): Snapshot {
    const known = before && this.#sources.get(before);
    const source = withEndpoints(written, this.#endpoints.endpointsOf, known);
    if (before?.hash === hash && source.document === known?.document) return before;
    const { rowOf } = this.#parts.metrics.rows;
    const snapshot = compile(source.document, { hash, rowOf, before });
    this.#sources.set(snapshot, source);
    return snapshot;
  }

  /** Makes ready what a snapshot that was compiled here needs, or tells why that is not so. */
  async prepare(snapshot: Snapshot, newer: AbortSignal): Promise<readonly string[]> {
    const { carrier, metrics } = this.#parts;
    const isFirst = metrics.inForce().snapshot === undefined;
    const troubles = await this.#endpoints.prepare(snapshot.document, { isFirst, newer });
    return troubles.length > 0 ? troubles : carrier.prepare(snapshot);
  }

  /** Resolves when the next document begins to wait for endpoints. */
  stalled(): Promise<void> {
    return this.#endpoints.stalled();
  }

  /** The source holds what is in force: nothing else is coming. */
  settled(): void {
    this.#endpoints.settled();
  }

  /** Returns what a document would change, a line each. Nothing is counted by it. */
  changesTo(document: Document, hash: string, text: string): readonly string[] {
    const { snapshot: before } = this.#parts.metrics.inForce();
    const { document: inForce } = this.keeper.prepare(document, hash, text);
    const { document: filled } = withEndpoints(inForce, this.#endpoints.endpointsOf);
    const after = compile(filled, { hash, rowOf: () => 0 });
    return before === undefined ? [] : differenceText(difference(before, after));
  }

  /** Puts a document in force that was compiled here. */
  swap(compiled: Snapshot): Promise<void> {
    return this.keeper.exclusively(async () => {
      const { carrier, metrics } = this.#parts;
      const before = metrics.inForce().snapshot;
      const first = this.#prepared.get(compiled);
      if (first === undefined) throw new TypeError('the snapshot was compiled elsewhere');
      // Rollouts may have gone on since it was compiled, and its endpoints be known only now.
      const prepared = this.keeper.preparedAgain(first);
      const snapshot = this.#compiled(prepared, compiled);
      await carrier.swap(snapshot, 'document');
      this.#endpoints.inForce(snapshot.document);
      const changes = before === undefined ? [] : differenceText(difference(before, snapshot));
      await this.keeper.taken(prepared, changes);
    });
  }

  /** Puts in force what the keeper has come to: it asks for that. */
  async #apply(): Promise<void> {
    const { carrier, metrics } = this.#parts;
    const written = this.keeper.inForce();
    await this.#endpoints.ready(written);
    const { snapshot: before } = metrics.inForce();
    await carrier.swap(this.#withEndpoints(written, this.keeper.hash, before), 'rollout');
  }

  /** Puts endpoints in force that have changed; within `exclusively`. */
  async #followEndpoints(): Promise<void> {
    const { carrier, metrics } = this.#parts;
    const { snapshot: before } = metrics.inForce();
    // Endpoints of a document that is not in force yet come with it.
    if (before === undefined) return;
    const snapshot = this.#withEndpoints(this.keeper.inForce(), this.keeper.hash, before);
    if (snapshot === before) return;
    await carrier.swap(snapshot, 'endpoints');
    // Shares may follow endpoints, and a gap begins when they go.
    const isAwaited = snapshot.routes.some(
      (route, index) => route.endpointsGo && route !== before.routes[index],
    );
    if (isAwaited) this.#loop.look();
  }

  /**
   * Begins to move the rollouts together with others, where there are any. `refreshRules`: takes what
   * the source of the rules holds now, past any cache; rejects where that cannot be read.
   */
  join(refreshRules: () => Promise<void>): void {
    const { carrier, metrics, measures, replica } = this.#parts;
    const counts = countsOf(metrics);
    replica?.start({
      rollouts: this.rollouts,
      keeper: this.keeper,
      measure: (increment) => measures.add(increment),
      collect: () => carrier.collect(),
      inFlight: (route, version) => counts(route, version).inFlight,
      look: () => this.#loop.look(),
      refreshRules,
    });
  }

  /** A candidate has failed. */
  urgent(): void {
    this.#loop.look();
  }

  close(): void {
    this.#loop.close();
    this.#endpointChanges.close();
    this.#endpoints.close();
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
