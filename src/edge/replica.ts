import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { KubernetesApi } from '#core/kubernetes/api';
import { mergeStatus, type StatusOn } from '#core/rollout/merge-status';
import { isOver } from '#core/rollout/state';
import type { ReplicasStatus, RouteStatus } from '#core/rollout/status';
import type { Settings, SharedState } from '../cli/settings.ts';
import { ConfigMapLedger } from '../cluster/configmap-ledger.ts';
import { Election, leaseTimes } from '../cluster/election.ts';
import { Hearing, type Told } from '../cluster/hearing.ts';
import { Outbox } from '../cluster/outbox.ts';
import { type Introduction, Peers } from '../cluster/peers.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import type { Keeper } from '../rollout/keeper.ts';
import { type Kept, nothingKept } from '../rollout/kept.ts';
import { ReplicaLedger } from '../rollout/replica-ledger.ts';
import type { Rollouts } from '../rollout/rollouts.ts';
import type { Heard, Together } from '../rollout/shared.ts';
import { Turns } from '../rollout/turns.ts';
import { UnitLogs } from '../rollout/unit-logs.ts';
import type { Log } from '../telemetry/log.ts';
import type { ReplicaFacts } from '../telemetry/replica-families.ts';
import { askPeer } from './ask-peer.ts';
import { monotonic } from './clock.ts';
import { messageOf } from './errors.ts';
import {
  inFlightOf,
  introductionIn,
  questionIn,
  statusesIn,
  toldIn,
  toldJson,
} from './peer-json.ts';
import { fetchUnits, readUnitsPart, spreadUnits, unitsPartJson } from './peer-units.ts';

export interface ReplicaParts {
  readonly settings: Settings;
  readonly state: SharedState;
  readonly api: KubernetesApi;
  readonly log: Log;
  /** The tokens of the admin listener: the first one opens those of the others. */
  readonly tokens: () => Promise<readonly string[]>;
}

/** What a replica moves, once that is there. */
export interface Moved {
  readonly rollouts: Rollouts;
  readonly keeper: Keeper;
  /** Adds what a process has counted to what is judged. */
  readonly measure: (increment: TallyIncrement) => void;
  /** Resolves when all that this replica has counted was given to `add`. */
  readonly collect: () => Promise<void>;
  readonly inFlight: (route: string, version: string) => number;
  /** Looks at the rollouts now. */
  readonly look: () => void;
  /** Takes what the source of the rules holds now, past any cache. */
  readonly refreshRules: () => Promise<void>;
}

/**
 * How long replicas may differ until that is more than a delay: in their documents, which a volume
 * brings late, and in their weights, which the ledger brings at once.
 */
const documentsDifferMs = 120_000;
const weightsDifferMs = 5_000;
const spreadMs = 300;
const statusMs = 700;
const againMs = 1_000;
const mostWaitMs = 5_000;
const tellAgainMs = 60_000;
const beginning = 'beginning to lead';

/**
 * One of several Turnouts that move the rollouts as one: who leads judges by what all have
 * counted, and writes what becomes of it; all have in force what is written.
 */
export class Replica {
  readonly ledger: ReplicaLedger;
  readonly together: Together;
  readonly #parts: ReplicaParts;
  readonly #epoch = randomUUID();
  readonly #config: ConfigMapLedger<Kept>;
  readonly #election: Election;
  readonly #peers: Peers;
  readonly #outbox: Outbox<TallyIncrement>;
  readonly #units = new UnitLogs();
  readonly #turns = new Turns();
  readonly #beganAt = monotonic();
  #hearing: Hearing<TallyIncrement> | undefined;
  #moved: Moved | undefined;
  /** The term that it has begun to lead under, and the one that it does lead under. */
  #stint = 0;
  /** The latest term of which units were heard, or the own one. */
  #latestTerm = 0;
  #leadsUnder: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAdopting = false;
  #isStopped = false;
  /** What was told of trouble last, by what it was about. */
  readonly #toldTroubles = new Map<string, { readonly message: string; readonly at: number }>();
  #differsSince: number | undefined;

  constructor(parts: ReplicaParts) {
    const { settings, state, api, log } = parts;
    this.#parts = parts;
    const troubled = (what: string, error: unknown) => this.#troubled(what, error);
    this.#outbox = new Outbox(this.#epoch, ({ units }) => 500 + units.length);
    this.#config = new ConfigMapLedger<Kept>({
      api,
      ...state,
      nothing: nothingKept,
      read: keptOf,
      changed: () => this.#adopt(),
      troubled: (message) => log.event('error', 'ledger_unreadable', message),
    });
    this.#election = new Election({
      store: api,
      ...state,
      identity: `${settings.replica}_${this.#epoch}`,
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
    this.#peers = new Peers({
      names: settings.peers,
      epoch: this.#epoch,
      resolve: addressesOf,
      ask: (question) => askPeer(question, parts.tokens),
      now: monotonic,
      changed: () => void this.#hearing?.listen(),
      troubled,
    });
    this.ledger = new ReplicaLedger({
      latest: () => this.#config.latest(),
      write: (kept, version, by) => this.#write(kept, version, by),
      document: (hash) => this.#config.document(hash),
      saveDocument: (hash, text) => this.#config.saveDocument(hash, text),
      retain: (hashes) => this.#config.retain(hashes),
      spread: () => this.#spread(),
      units: this.#units,
      log: () => this.#logName(),
    });
    this.together = {
      mayAct: () => this.#election.mayAct(),
      heard: (release, unitBytes) => this.#heard(release, unitBytes),
      isAgreed: () => this.#isAgreed(),
      inFlightElsewhere: (route, version, weights) => {
        const epochs = this.#peers.living().flatMap(({ known }) => known?.epoch ?? []);
        return this.#hearing?.inFlight(epochs, route, version, weights) ?? 0;
      },
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
    const timer = setInterval(tell, mostWaitMs);
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
    const hearing = this.#hearing;
    if (hearing === undefined) return;
    const { after, durable } = hearing.questionFor(this.#epoch);
    hearing.take(this.#told(after, durable, false));
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
    this.#hearing?.close();
    this.#peers.close();
    this.#config.close();
  }

  /** Answers another replica; undefined: there is nothing of that name to be asked. */
  async answer(what: string, body: unknown, signal: AbortSignal): Promise<object | undefined> {
    const introduction = this.#introduction();
    switch (what) {
      case 'hello':
        return introduction;
      case 'tallies':
        return this.#answerTallies(body, signal);
      case 'units':
        return { ...introduction, length: this.#takeUnitsPart(body) };
      case 'units-of':
        return { ...introduction, ...unitsPartJson(this.#units, body) };
      case 'status':
        return { ...introduction, routes: await this.#ownStatuses(routeIn(body)) };
      default:
        return undefined;
    }
  }

  /** Returns how a route stands, or all of them, on all replicas together. */
  async statuses(route?: string): Promise<readonly RouteStatus[]> {
    const [own, others] = await Promise.all([
      this.#ownStatuses(route),
      Promise.all(this.#peers.all().map((peer) => this.#statusesOn(peer, route))),
    ]);
    const heard = others.filter((one) => one !== undefined);
    const of = 1 + this.#peers.all().length;
    const isLeader = this.#election.mayAct();
    const replicas = this.#status(heard.map(({ introduction }) => introduction));
    return own.map((status) => {
      const elsewhere = heard.flatMap(({ introduction, routes }): readonly StatusOn[] => {
        const there = routes.find((one) => one.route === status.route);
        const leads = introduction.term !== undefined;
        return there === undefined ? [] : [{ status: there, isLeader: leads }];
      });
      return { ...mergeStatus({ status, isLeader }, elsewhere, of), replicas };
    });
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

  #introduction(): Introduction {
    const { keeper } = this.#moved ?? {};
    return {
      replica: this.#parts.settings.replica,
      epoch: this.#epoch,
      hash: keeper?.hash ?? '',
      weights: keeper?.kept.weights ?? 0,
      term: this.#election.term,
    };
  }

  #told(after: number, durable: number, isUrgent: boolean) {
    const batches = this.#outbox.read(after, durable);
    const { keeper, inFlight } = this.#moved ?? {};
    return {
      ...this.#introduction(),
      batches,
      isUrgent,
      inFlight: keeper === undefined || inFlight === undefined ? [] : inFlightOf(keeper, inFlight),
    } satisfies Told<TallyIncrement>;
  }

  async #answerTallies(body: unknown, signal: AbortSignal): Promise<object> {
    const { after, durable, waitMs } = questionIn(body, this.#epoch);
    await this.#outbox.wait(Math.min(waitMs, mostWaitMs), signal);
    const { isUrgent } = this.#outbox;
    await this.#moved?.collect();
    return toldJson(this.#told(after, durable, isUrgent));
  }

  /** A leader of the past may still give away what it has: it must not come in between. */
  #takeUnitsPart(body: unknown): number {
    const { term, ...part } = readUnitsPart(body);
    if (term < this.#latestTerm) throw new TypeError('a later leader has been heard of');
    this.#latestTerm = term;
    return this.#units.take(part);
  }

  async #spread(): Promise<void> {
    if (this.#leadsUnder === undefined) return;
    await spreadUnits(this.#units, this.#peers, this.#stint, spreadMs);
  }

  #ownStatuses(route: string | undefined): Promise<readonly RouteStatus[]> {
    return this.#moved?.rollouts.statuses(route) ?? Promise.resolve([]);
  }

  async #statusesOn(peer: Parameters<Peers['ask']>[0], route: string | undefined) {
    try {
      const answer = await this.#peers.ask(peer, 'status', { route }, statusMs);
      return { introduction: introductionIn(answer), routes: statusesIn(answer) };
    } catch {
      // It is told that it was not heard.
      return undefined;
    }
  }

  #status(heard: readonly Introduction[]): ReplicasStatus {
    const own = this.#introduction();
    const isAlike = ({ hash, weights }: Introduction) =>
      hash === own.hash && weights === own.weights;
    const { keeper } = this.#moved ?? {};
    const owed = keeper?.owes === true ? 'what leads back is not written yet' : undefined;
    return {
      replica: own.replica,
      leader: this.#leader(),
      leaderlessMs: this.#leaderlessMs(),
      heard: 1 + heard.length,
      of: 1 + this.#peers.all().length,
      alike: 1 + heard.filter(isAlike).length,
      trouble: this.#config.trouble ?? owed,
    };
  }

  #leader(): string | undefined {
    const { holder, isHeld } = this.#election;
    return isHeld ? holder?.replace(/_[^_]*$/, '') : undefined;
  }

  #leaderlessMs(): number | undefined {
    if (this.#election.isHeld) return undefined;
    return Math.round(this.#election.unchangedMs ?? monotonic() - this.#beganAt);
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
    void this.#turns
      .take(() => this.#reconcile())
      .catch((error) => this.#troubled(beginning, error));
  }

  /** Leads or follows, as the election has it now. */
  async #reconcile(): Promise<void> {
    if (this.#leadsUnder !== undefined && this.#leadsUnder !== this.#election.term) {
      this.#leadsUnder = undefined;
      this.#hearing?.close();
      this.#hearing = undefined;
      await this.#moved?.rollouts.unlead();
    }
    while (this.#leadsUnder === undefined && this.#election.mayAct()) {
      try {
        await this.#lead();
      } catch (error) {
        this.#troubled(beginning, error);
        this.#hearing?.close();
        this.#hearing = undefined;
        await this.#moved?.rollouts.unlead();
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }

  /** What goes on every few seconds is told once in a while. */
  #troubled(what: string, error: unknown): void {
    const message = messageOf(error);
    const told = this.#toldTroubles.get(what);
    if (told?.message === message && monotonic() - told.at < tellAgainMs) return;
    this.#toldTroubles.set(what, { message, at: monotonic() });
    this.#parts.log.event('warn', 'replica_troubled', `${what}: ${message}`);
  }

  async #lead(): Promise<void> {
    const moved = this.#moved;
    if (moved === undefined) return;
    await Promise.all([this.#config.refresh(), moved.refreshRules()]);
    this.#stint = await this.#claim();
    this.#latestTerm = this.#stint;
    this.ledger.begin();
    await this.#takeUnits();
    const hearing = new Hearing<TallyIncrement>({
      peers: this.#peers,
      read: toldIn,
      heard: (increment, epoch, sequence) => this.#hear(moved, increment, epoch, sequence),
      durable: (epoch) => this.#durable(moved.keeper, epoch),
      urgent: moved.look,
      troubled: (what, error) => this.#troubled(what, error),
    });
    const isKnown = (release: string, heard: Heard) => this.#units.knows(release, heard);
    await moved.rollouts.lead(isKnown, async () => {
      this.#hearing = hearing;
      await hearing.listen();
    });
    this.#leadsUnder = this.#stint;
    moved.look();
  }

  /** Writes the term before anything else: what was decided under an older one comes too late. */
  async #claim(): Promise<number> {
    for (;;) {
      const { kept, version, term: before } = this.#config.latest();
      const own = this.#election.term;
      if (own === undefined) throw new Error('this replica does not lead any more');
      const term = before < own ? own : await this.#election.beyond(before);
      const mayWrite = () => this.#election.mayAct();
      if ((await this.#config.write(kept, version, { term, mayWrite })) !== undefined) return term;
    }
  }

  /** Goes on with the logs of units, as far as they are in the evidence. */
  async #takeUnits(): Promise<void> {
    const { kept } = this.#config.latest();
    for (const { state, heard } of Object.values(kept.rollouts)) {
      if (isOver(state)) continue;
      if (heard !== undefined && !this.#units.knows(state.release, heard)) {
        await fetchUnits(this.#units, this.#peers, state.release, heard);
      }
      this.#units.lead(state.release, this.#logName(), heard);
    }
  }

  #logName(): string {
    return `${this.#epoch}/${this.#stint}`;
  }

  #heard(release: string, unitBytes: number): Heard {
    const length = this.#units.lengthOf(release) + unitBytes;
    return { from: this.#hearing?.places() ?? {}, log: this.#logName(), unitBytes: length };
  }

  /** Adds what a process has counted, where it is not in the evidence yet. */
  #hear({ keeper, measure }: Moved, increment: TallyIncrement, epoch: string, sequence: number) {
    const rollouts = Object.values(keeper.kept.rollouts);
    const rollout = rollouts.find(({ state }) => state.release === increment.release);
    if (rollout === undefined || isOver(rollout.state)) return;
    if ((rollout.heard?.from[epoch] ?? 0) < sequence) measure(increment);
  }

  /** How far all open rollouts that are written have the batches of a process. */
  #durable(keeper: Keeper, epoch: string): number {
    const open = Object.values(keeper.written.rollouts).filter(({ state }) => !isOver(state));
    if (open.length === 0) return this.#hearing?.places()[epoch] ?? 0;
    return Math.min(...open.map(({ heard }) => heard?.from[epoch] ?? 0));
  }

  /** A moment in which they differ is how news travels. */
  #isAgreed(): boolean {
    const { hash, weights } = this.#introduction();
    // Who does not answer now says nothing: what it had is not what it has.
    const others = this.#peers.living().filter(({ trouble }) => trouble === undefined);
    const isSameDocument = others.every(({ known }) => known?.hash === hash);
    if (isSameDocument && others.every(({ known }) => known?.weights === weights)) {
      this.#differsSince = undefined;
    } else this.#differsSince ??= monotonic();
    const since = this.#differsSince;
    const mostMs = isSameDocument ? weightsDifferMs : documentsDifferMs;
    return since === undefined || monotonic() - since < mostMs;
  }
}

function keptOf(value: unknown): Kept {
  // Written by a program of this kind: its format says whether it is one that is known.
  const kept = value as Kept;
  if (kept?.format !== 1) throw new Error(`format ${kept?.format} of what is kept is not known`);
  // What an older version did not know is empty.
  return { ...nothingKept, ...kept };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}

function routeIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('route' in body)) return undefined;
  return typeof body.route === 'string' ? body.route : undefined;
}
