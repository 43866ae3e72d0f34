import { randomUUID } from 'node:crypto';
import type { KubernetesApi } from '#core/kubernetes/api';
import type { RouteStatus } from '#core/rollout/status';
import type { Settings, SharedState } from '../cli/settings.ts';
import { addressesOf } from '../cluster/addresses-of.ts';
import { Agreement } from '../cluster/agreement.ts';
import { ConfigMapLedger } from '../cluster/configmap-ledger.ts';
import { Election, leaseTimes } from '../cluster/election.ts';
import { Outbox } from '../cluster/outbox.ts';
import { Peers } from '../cluster/peers.ts';
import { Troubles } from '../cluster/troubles.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import { type Kept, nothingKept } from '../rollout/kept.ts';
import { ReplicaLedger } from '../rollout/replica-ledger.ts';
import type { Together } from '../rollout/shared.ts';
import { UnitLogs } from '../rollout/unit-logs.ts';
import type { Log } from '../telemetry/log.ts';
import type { ReplicaFacts } from '../telemetry/replica-families.ts';
import { askPeer } from './ask-peer.ts';
import { monotonic } from './clock.ts';
import { messageOf } from './errors.ts';
import { Leading } from './leading.ts';
import type { Moved } from './moved.ts';
import { PeerAnswers } from './peer-answers.ts';
import { statusesOnAll } from './statuses-on-all.ts';

export interface ReplicaParts {
  readonly settings: Settings;
  readonly state: SharedState;
  readonly api: KubernetesApi;
  readonly log: Log;
  /** The tokens of the admin listener: the first one opens those of the others. */
  readonly tokens: () => Promise<readonly string[]>;
}

/** How often what is behindhand is tried again, and who waits for the ledger is told so. */
const againMs = 1_000;
const tellAgainMs = 5_000;

/**
 * One of several Turnouts that move the rollouts as one: who leads judges by what all have
 * counted, and writes what becomes of it; all have in force what is written.
 */
export class Replica {
  readonly ledger: ReplicaLedger;
  readonly together: Together;
  readonly #parts: ReplicaParts;
  readonly #config: ConfigMapLedger<Kept>;
  readonly #election: Election;
  readonly #peers: Peers;
  readonly #outbox: Outbox<TallyIncrement>;
  readonly #answers: PeerAnswers;
  readonly #leading: Leading;
  readonly #beganAt = monotonic();
  #moved: Moved | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAdopting = false;
  #isStopped = false;

  constructor(parts: ReplicaParts) {
    const { settings, state, api, log } = parts;
    const epoch = randomUUID();
    const units = new UnitLogs();
    const moved = () => this.#moved;
    const troubles = new Troubles({
      tell: (what, message) => log.event('warn', 'replica_troubled', `${what}: ${message}`),
      now: monotonic,
    });
    const troubled = (what: string, error: unknown) => troubles.note(what, messageOf(error));
    this.#parts = parts;
    const outbox = new Outbox<TallyIncrement>(epoch, (increment) => 500 + increment.units.length);
    const config = new ConfigMapLedger<Kept>({
      api,
      ...state,
      nothing: nothingKept,
      read: keptOf,
      changed: () => this.#adopt(),
      troubled: (message) => log.event('error', 'ledger_unreadable', message),
    });
    const election = new Election({
      store: api,
      ...state,
      identity: `${settings.replica}_${epoch}`,
      times: leaseTimes(settings.leaseMs),
      now: monotonic,
      wallNow: Date.now,
      random: Math.random,
      after: (ms, act) => {
        const timer = setTimeout(act, ms);
        return () => clearTimeout(timer);
      },
      changed: (term) => this.#elected(term),
      troubled: (error) => troubled('the lease', error),
    });
    const peers = new Peers({
      names: settings.peers,
      epoch,
      resolve: addressesOf,
      ask: (question) => askPeer(question, parts.tokens),
      now: monotonic,
      changed: () => this.#leading.listen(),
      troubled,
    });
    this.#config = config;
    this.#election = election;
    this.#peers = peers;
    this.#outbox = outbox;
    const { replica } = settings;
    this.#answers = new PeerAnswers({ replica, epoch, election, outbox, units, moved });
    this.#leading = new Leading({
      ...{ epoch, election, peers, config, units, moved, troubled },
      begins: (term) => {
        this.#answers.leads(term);
        this.ledger.begin();
      },
    });
    this.ledger = new ReplicaLedger({
      latest: () => config.latest(),
      write: (kept, version, by) => this.#write(kept, version, by),
      document: (hash) => config.document(hash),
      saveDocument: (hash, text) => config.saveDocument(hash, text),
      retain: (hashes) => config.retain(hashes),
      spread: () => this.#leading.spread(),
      units,
      log: () => this.#leading.logName(),
    });
    const own = () => this.#answers.introduction();
    const agreement = new Agreement({ peers, own, now: monotonic });
    this.together = {
      mayAct: () => election.mayAct(),
      heard: (release, unitBytes) => this.#leading.heard(release, unitBytes),
      isAgreed: () => agreement.isThere(),
      inFlightElsewhere: (route, version, weights) =>
        this.#leading.inFlightElsewhere(route, version, weights),
    };
  }

  /** Resolves when the ledger was read: without it nobody knows which version was sent back. */
  async ready(): Promise<void> {
    const { log, state } = this.#parts;
    const { namespace, name } = state;
    const tell = () => {
      const trouble = this.#config.trouble ?? 'the API server has not answered yet';
      const what = `waits for the ledger, configmap ${namespace}/${name}: ${trouble}`;
      log.event('warn', 'ledger_awaited', what);
    };
    const timer = setInterval(tell, tellAgainMs);
    await this.#config.ready;
    clearInterval(timer);
  }

  /**
   * Begins to take part: what is moved is there, and its first document in force. It does not lead
   * before it has looked for the others, who may know what it needs for that.
   */
  start(moved: Moved): void {
    this.#moved = moved;
    void this.#peers.start().then(() => {
      if (!this.#isStopped) this.#election.start();
    });
    this.#timer = setInterval(() => {
      if (moved.keeper.isBehindhand) this.#adopt();
    }, againMs);
    this.#timer.unref();
  }

  add(increment: TallyIncrement): void {
    this.#outbox.add(increment);
  }

  /** The candidate has failed: whoever leads should hear of it now. */
  urgent(): void {
    this.#outbox.urgent();
    this.#moved?.look();
  }

  /** Gives what this replica has counted to itself, where it leads. */
  hearOwn(): void {
    this.#leading.hearOwn((after, durable) => this.#answers.told(after, durable, false));
  }

  /** Stops acting, finishes what is begun, and lets another one lead. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#moved?.rollouts.saveAll();
    this.#election.close();
    await this.#moved?.keeper.exclusively(async () => {});
    await this.#election.release();
  }

  close(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#election.close();
    this.#leading.close();
    this.#peers.close();
    this.#config.close();
  }

  /** Answers another replica; undefined: there is nothing of that name to be asked. */
  answer(what: string, body: unknown, signal: AbortSignal): Promise<object | undefined> {
    return this.#answers.answer(what, body, signal);
  }

  /** Returns how a route stands, or all of them, on all replicas together. */
  statuses(route?: string): Promise<readonly RouteStatus[]> {
    const ports = {
      peers: this.#peers,
      election: this.#election,
      introduction: () => this.#answers.introduction(),
      statusesHere: (one: string | undefined) => this.#answers.statuses(one),
      leaderlessMs: () => this.#leaderlessMs(),
      trouble: () => this.#trouble(),
    };
    return statusesOnAll(ports, route);
  }

  facts(): ReplicaFacts {
    const [living, all] = [this.#peers.living().length, this.#peers.all().length];
    return {
      isLeader: this.#election.mayAct(),
      leaderlessMs: this.#leaderlessMs() ?? 0,
      replicas: { heard: 1 + living, silent: all - living },
      writes: this.#config.counts,
      dropped: this.#outbox.dropped,
    };
  }

  #leaderlessMs(): number | undefined {
    if (this.#election.isHeld) return undefined;
    return Math.round(this.#election.unchangedMs ?? monotonic() - this.#beganAt);
  }

  #trouble(): string | undefined {
    const owed = this.#moved?.keeper.owes === true;
    return this.#config.trouble ?? (owed ? 'what leads back is not written yet' : undefined);
  }

  async #write(kept: Kept, version: string, by: 'leader' | 'person') {
    const isLeaders = by === 'leader';
    return this.#config.write(kept, version, {
      term: isLeaders ? this.#election.term : undefined,
      mayWrite: () => !isLeaders || this.#election.mayAct(),
    });
  }

  /** Takes over what others have written, once for all that comes while it does. */
  #adopt(): void {
    const rollouts = this.#moved?.rollouts;
    if (this.#isAdopting || rollouts === undefined) return;
    this.#isAdopting = true;
    setImmediate(() => {
      this.#isAdopting = false;
      void rollouts.adopt();
    });
  }

  #elected(term: number | undefined): void {
    const { log, settings } = this.#parts;
    if (term === undefined) log.event('warn', 'replica_follows', 'leads no more');
    else log.event('info', 'replica_leads', `leads under term ${term}`, { name: settings.replica });
    this.#leading.elected();
  }
}

function keptOf(value: unknown): Kept {
  // Written by a program of this kind: its format says whether it is one that is known.
  const kept = value as Kept;
  if (kept?.format !== 1) throw new Error(`format ${kept?.format} of what is kept is not known`);
  // What an older version did not know is empty.
  return { ...nothingKept, ...kept };
}
