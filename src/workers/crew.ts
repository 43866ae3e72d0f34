import { setTimeout as wait } from 'node:timers/promises';
import type { VersionView } from '#core/endpoints/version-view';
import { tooMany } from './balance.ts';
import type { BoundPort } from './bind-port.ts';
import { Deaths } from './deaths.ts';
import { type Ending, Member } from './member.ts';
import type { FileSet, FromWorker, SentDocument, ToWorker } from './messages.ts';
import type { CrewPorts, CrewTimes, Sum, Who } from './ports.ts';
import { putInForce } from './put-in-force.ts';
import { type Replacement, servedMs, statusOf, type WorkerStatus } from './status.ts';

const standardTimes: CrewTimes = {
  lookMs: 1_000,
  unheardMost: 5,
  startingMost: 30,
  swapMs: 5_000,
  collectMs: 200,
  lastWordMs: 2_000,
};

/** The workers of a primary: as many as there should be, whatever becomes of one. */
export class Crew<Work, Counts> {
  readonly #ports: CrewPorts<Work, Counts>;
  readonly #times: CrewTimes;
  readonly #sums = new Map<Member<Counts>, Sum<Counts>>();
  readonly #deaths = new Deaths();
  readonly #replaced: Record<Replacement, number> = { died: 0, lagged: 0, faulty: 0 };
  /** Processor time of the workers that are gone, by place. */
  readonly #cpuSeconds = new Map<number, number>();
  readonly #started = Promise.withResolvers<void>();
  readonly #broken = Promise.withResolvers<string>();
  readonly #emptied = Promise.withResolvers<void>();
  #bound: readonly BoundPort[] = [];
  #looking: NodeJS.Timeout | undefined;
  /** All of the document in force, for those that start. */
  #inForce: (() => SentDocument) | undefined;
  /** All of one that is being put in force. */
  #pending: (() => SentDocument) | undefined;
  #collecting: Promise<void> | undefined;
  #cut = 0;
  #isEnding = false;

  constructor(ports: CrewPorts<Work, Counts>) {
    this.#ports = ports;
    this.#times = { ...standardTimes, ...ports.times };
  }

  /** Resolves with the reason where workers die faster than they can be replaced. */
  get broken(): Promise<string> {
    return this.#broken.promise;
  }

  /**
   * Starts the workers on these ports; resolves when all of them serve. Before, a document must be
   * in force. Rejects where one cannot listen, with the code of the error.
   */
  start(bound: readonly BoundPort[]): Promise<void> {
    this.#bound = bound;
    for (let place = 1; place <= this.#ports.size; place++) this.#spawn(place);
    this.#looking = setInterval(() => this.#look(), this.#times.lookMs);
    this.#broken.promise.then((reason) => this.#started.reject(new Error(reason)));
    return this.#started.promise;
  }

  /**
   * Puts a document in force in all workers; see `putInForce`. Where it has changes only, `whole`
   * returns all of it.
   */
  async swap(document: SentDocument, whole: () => SentDocument = () => document): Promise<void> {
    const { now, happened } = this.#ports;
    this.#pending = whole;
    try {
      const agreement = await putInForce(document, {
        members: () => this.#told().filter(({ state }) => state !== 'leaving'),
        withinMs: this.#times.swapMs,
        lagged: (member, reason) => this.#lagged(member, reason),
        agreed: () => {
          this.#inForce = whole;
          this.#pending = undefined;
        },
        now,
      });
      const { generation, hash } = document;
      if (agreement.workers > 0) happened({ kind: 'agreed', generation, hash, ...agreement });
    } finally {
      this.#pending = undefined;
    }
  }

  /** Hands files over to all workers; those that start later find them in their work. */
  hand(files: readonly FileSet[]): void {
    for (const member of this.#told()) member.send({ kind: 'files', files });
  }

  /** Resolves when every worker has told its latest counts, or takes too long for it. */
  collect(): Promise<void> {
    this.#collecting ??= this.#collect();
    return this.#collecting;
  }

  async #collect(): Promise<void> {
    const { collectMs } = this.#times;
    await Promise.all(this.#told().map((member) => member.ask({ kind: 'tell' }, collectMs)));
    this.#collecting = undefined;
  }

  /** Returns what every worker shows of its versions that does so in time. */
  async show(route?: string): Promise<readonly (readonly VersionView[])[]> {
    const question = { kind: 'show', route } as const;
    const members = this.#told();
    const answers = members.map((member) => member.ask(question, this.#times.collectMs));
    const shown = await Promise.all(answers);
    return shown.flatMap((answer) => (answer.kind === 'done' ? [answer.shown] : []));
  }

  /** How every worker stands, by its place. */
  status(): readonly WorkerStatus[] {
    return statusOf(this.#sums.keys(), this.#ports.now());
  }

  /** How often a worker was replaced, by reason. */
  replaced(): Readonly<Record<Replacement, number>> {
    return this.#replaced;
  }

  /** Returns, for each place that was ever taken, the processor time of all who have had it. */
  cpuSeconds(): ReadonlyMap<number, number> {
    const all = new Map(this.#cpuSeconds);
    for (const { place, vitals } of this.#sums.keys()) {
      all.set(place, (all.get(place) ?? 0) + (vitals?.cpuSeconds ?? 0));
    }
    return all;
  }

  /**
   * Lets all workers finish what is begun; returns how many exchanges they had to cut. The port
   * is closed here before it is there: the worker that is the last to close it sees to it that
   * nobody waits at it.
   */
  async drain(times: {
    readonly delayMs: number;
    readonly timeoutMs: number;
  }): Promise<{ readonly cut: number }> {
    this.#isEnding = true;
    this.#broadcast({ kind: 'drain', timeoutMs: times.timeoutMs });
    if (this.#sums.size === 0) this.#emptied.resolve();
    const over = wait(times.timeoutMs + this.#times.lastWordMs, undefined, { ref: false });
    const delay = wait(times.delayMs, undefined, { ref: false });
    await Promise.race([delay, this.#emptied.promise, over]);
    this.#closePorts();
    this.#broadcast({ kind: 'close' });
    await Promise.race([this.#emptied.promise, over]);
    this.kill();
    return { cut: this.#cut };
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#isEnding = true;
    clearInterval(this.#looking);
    this.#closePorts();
    for (const member of this.#sums.keys()) member.kill();
  }

  #closePorts(): void {
    for (const port of this.#bound) port.close();
  }

  #told(): readonly Member<Counts>[] {
    return [...this.#sums.keys()].filter(({ isTold }) => isTold);
  }

  #broadcast(message: ToWorker<Work>): void {
    for (const member of this.#sums.keys()) member.send(message);
  }

  #spawn(place: number): void {
    const { command, now, sum } = this.#ports;
    const member = new Member<Counts>(place, {
      command,
      fds: this.#bound.map(({ fd }) => fd),
      now,
      said: (who, message) => this.#said(who, message),
      ended: (who, ending) => this.#ended(who, ending),
    });
    this.#sums.set(member, sum());
  }

  #said(member: Member<Counts>, message: FromWorker<Counts>): void {
    switch (message.kind) {
      case 'hello':
        this.#begin(member);
        break;
      case 'serving':
        this.#serves(member);
        break;
      case 'unable':
        this.#unable(message);
        break;
      case 'told':
        member.vitals = message.vitals;
        this.#sums.get(member)?.add(message.counts);
        break;
      case 'urgent':
        this.#sums.get(member)?.add(message.counts);
        this.#ports.urgent();
        break;
      case 'faulty':
        this.#faulty(member, message.reason);
        break;
      case 'drained':
        this.#cut += message.cut;
    }
  }

  /** Tells a worker what to do, now that its process runs. */
  #begin(member: Member<Counts>): void {
    const document = this.#inForce?.();
    if (document === undefined || this.#isEnding) {
      member.kill();
      return;
    }
    member.isTold = true;
    member.serves = document;
    member.send<Work>({ kind: 'start', work: this.#ports.work(member.place), document });
    const pending = this.#pending;
    // It may be asked to swap before the answer is here: then it has been prepared all the same.
    if (pending !== undefined) {
      void member.ask({ kind: 'prepare', document: pending() }, this.#times.swapMs);
    }
  }

  #serves(member: Member<Counts>): void {
    const { now, happened, size } = this.#ports;
    member.state = 'serving';
    member.servingSince = now();
    happened({ kind: 'started', ...who(member), tookMs: member.servingSince - member.startedAt });
    const serving = this.#told().filter(({ state }) => state === 'serving');
    if (serving.length >= size) this.#started.resolve();
  }

  /** Whoever waits for the first start is told why; later it is a worker that dies young. */
  #unable({
    code,
    message,
  }: {
    readonly code: string | undefined;
    readonly message: string;
  }): void {
    this.#started.reject(Object.assign(new Error(message), { code }));
  }

  /** Who has much more to do than others lets clients go, so that they come to others. */
  #balance(): void {
    const serving = this.#told().filter(({ state }) => state === 'serving');
    const loads = serving.map(({ vitals }) => vitals ?? { busyShare: 0, connections: 0 });
    for (const [index, connections] of tooMany(loads).entries()) {
      const member = serving[index];
      if (connections === 0 || member === undefined) continue;
      member.send({ kind: 'letGo', connections });
      this.#ports.happened({ kind: 'unburdened', ...who(member), connections });
    }
  }

  /** Who has not been heard of for too long is given up. */
  #look(): void {
    this.#balance();
    const { startingMost, unheardMost, lookMs } = this.#times;
    for (const member of this.#sums.keys()) {
      const most = member.state === 'starting' ? startingMost : unheardMost;
      if (++member.unheard <= most) continue;
      this.#lagged(member, `nothing heard for ${(most * lookMs) / 1_000} s`);
    }
  }

  #lagged(member: Member<Counts>, reason: string): void {
    if (member.isLagging) return;
    member.isLagging = true;
    this.#ports.happened({ kind: 'lagged', ...who(member), reason });
    member.kill();
  }

  /** It finishes what is begun; another one takes its place already. */
  #faulty(member: Member<Counts>, reason: string): void {
    this.#ports.happened({ kind: 'faulty', ...who(member), reason });
    member.state = 'leaving';
    this.#replace(member, 'faulty');
  }

  #ended(member: Member<Counts>, ending: Ending): void {
    this.#sums.get(member)?.drop();
    this.#sums.delete(member);
    const { place, vitals } = member;
    const cpuSeconds = this.#cpuSeconds.get(place) ?? 0;
    this.#cpuSeconds.set(place, cpuSeconds + (vitals?.cpuSeconds ?? 0));
    if (this.#sums.size === 0 && this.#isEnding) this.#emptied.resolve();
    const inMs = member.state === 'leaving' ? undefined : this.#replace(member, reasonOf(member));
    const served = servedMs(member, this.#ports.now());
    if (!this.#isEnding) {
      this.#ports.happened({ kind: 'died', ...who(member), servedMs: served, inMs, ...ending });
    }
  }

  /** Returns in how many milliseconds it is replaced; undefined where it is not. */
  #replace(member: Member<Counts>, reason: Replacement): number | undefined {
    if (this.#isEnding) return undefined;
    const now = this.#ports.now();
    const next = this.#deaths.next(now, servedMs(member, now));
    if (next.kind === 'giveUp') {
      this.#broken.resolve(next.reason);
      return undefined;
    }
    this.#replaced[reason]++;
    setTimeout(() => {
      if (!this.#isEnding) this.#spawn(member.place);
    }, next.inMs);
    return next.inMs;
  }
}

function who<Counts>({ place, pid }: Member<Counts>): Who {
  return { worker: place, pid };
}

function reasonOf<Counts>({ isLagging }: Member<Counts>): Replacement {
  return isLagging ? 'lagged' : 'died';
}
