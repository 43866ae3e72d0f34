import type { VersionView } from '#core/endpoints/version-view';
import type { Verdict } from '#core/judge/verdict';
import type { Command, CommandOutcome } from '#core/rollout/command';
import type { Seen } from '#core/rollout/decide';
import { isOver } from '#core/rollout/state';
import type { Revision, RolloutStatus, RouteStatus } from '#core/rollout/status';
import type { RouteRule } from '#core/routing/rules';
import { Ages } from './ages.ts';
import { type Change, withRollout } from './change.ts';
import { type Commanded, commanded, sharesChanged } from './commanded.ts';
import type { Entry } from './entries.ts';
import { Gaps } from './gaps.ts';
import { type Keeper, Unwritable } from './keeper.ts';
import type { Kept, KeptRollout } from './kept.ts';
import { measured } from './limits.ts';
import { atState, type Looked, look } from './look.ts';
import type { Measures } from './measures.ts';
import { Overlays } from './overlays.ts';
import type { RolloutPorts } from './ports.ts';
import { endpointsSeen } from './readiness.ts';
import type { Records } from './records.ts';
import { Replays } from './replays.ts';
import { type Heard, isOvertaken, Overtaken } from './shared.ts';
import { statusOf } from './status-of.ts';
import type { Transition } from './transitions.ts';
import { rolloutOf } from './undo.ts';

/** How often evidence is written where a write is one of an API server's. */
const evidenceEveryMs = 5_000;
/** How often a command is obeyed again because others have written in between. */
const mostTries = 8;
const notWritten = 'in force on this replica; the others hear of it as soon as it can be written';

/** How many processes that are silent are remembered: they may come back with what they counted. */
const mostProcesses = 200;

/** Who was not heard lately stays where it was. */
function withHeard(rollout: KeptRollout, heard: Heard): KeptRollout {
  const gone = Object.entries(rollout.heard?.from ?? {}).filter(([name]) => !(name in heard.from));
  const all = [...gone, ...Object.entries(heard.from)].slice(-mostProcesses);
  return { ...rollout, heard: { ...heard, from: Object.fromEntries(all) } };
}

/** The release's way: measure, judge, decide, and let the keeper put it in force. */
export class Rollouts {
  readonly overlays: Overlays;
  readonly #ports: RolloutPorts;
  readonly #ledger: Records;
  readonly #measures: Measures;
  readonly #keeper: Keeper;
  readonly #ages = new Ages();
  readonly #replays: Replays;
  readonly #gaps = new Gaps();
  /** By release: the judge's last words. */
  readonly #verdicts = new Map<string, Verdict | undefined>();
  /** By route, as they were last seen. */
  readonly #views = new Map<string, readonly VersionView[]>();
  #looking: Promise<void> | undefined;
  /** When evidence was last written, where it is not at every look. */
  #savedAt = 0;
  /** Others have to hear of them now. */
  #hasNewLimits = false;
  /** All that is known of the ledger, units included, so that it may go on here. */
  #isLeading = false;

  constructor(ledger: Records, measures: Measures, ports: RolloutPorts, keeper: Keeper) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#measures = measures;
    this.#keeper = keeper;
    this.#replays = new Replays(ledger);
    this.overlays = new Overlays(ledger.scope, ports, keeper);
  }

  /** Reads what pins need and what is remembered of units. Before the first document. */
  async start(): Promise<void> {
    await this.#keeper.documents.read(
      Object.values(this.#keeper.kept.pins).map(({ hash }) => hash),
    );
    if (this.#ports.together === undefined) await this.#restoreUnits();
  }

  async #restoreUnits(): Promise<void> {
    for (const { state, heard } of Object.values(this.#keeper.kept.rollouts)) {
      if (isOver(state)) continue;
      const units = await this.#ledger.unitsOf(state.release);
      this.#measures.restore(state.release, units.subarray(0, heard?.unitBytes));
    }
  }

  /**
   * Leads from what the ledger has now: see `Keeper.lead`. `hear`: adds what the others have counted
   * meanwhile; before that a step whose time is over would be one without any data.
   */
  async lead(
    isKnown: (release: string, heard: Heard) => boolean,
    hear: () => Promise<void>,
  ): Promise<void> {
    this.#measures.retain(new Set());
    await this.#keeper.lead(isKnown);
    await this.#restoreUnits();
    await hear();
    this.#savedAt = this.#ports.now();
    this.#isLeading = true;
  }

  /** Follows whoever leads now. */
  async unlead(): Promise<void> {
    this.#isLeading = false;
    await this.#keeper.unlead();
    this.#measures.retain(new Set());
    this.#verdicts.clear();
    this.#replays.retain(new Set());
  }

  /** Writes all evidence there is: who stops leaves nothing behind. Never rejects. */
  async saveAll(): Promise<void> {
    if (!this.#mayAct()) return;
    await this.look();
    await this.#saveEvidence().catch((error) => this.#ports.troubled('writing the ledger', error));
  }

  /** Takes over what others have written. Never rejects. */
  async adopt(): Promise<void> {
    await this.#keeper
      .adopt()
      .then(() => this.#tidy())
      .catch((error) => this.#ports.troubled('taking over the ledger', error));
  }

  /** Whether there is anything to look at. */
  get isBusy(): boolean {
    const names = [...this.#keeper.entries.keys()];
    return this.overlays.hasAny || names.some((name) => this.#isUnderWay(name));
  }

  #isUnderWay(name: string): boolean {
    const rollout = this.#keeper.kept.rollouts[name];
    if (rollout === undefined || isOver(rollout.state)) return false;
    return rollout.routes.every((route) => this.#keeper.kept.pins[route] === undefined);
  }

  /** Looks at every rollout and every overlay once, and does what is decided. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#ports.troubled('a look at the rollouts', error))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    await this.overlays.endThose();
    if (!this.#mayAct()) return;
    const names = [...this.#keeper.entries.keys()].filter((name) => this.#isUnderWay(name));
    if (names.length === 0) return;
    await this.#see(names.flatMap((name) => this.#keeper.entries.get(name)?.routes ?? []));
    const before = this.#keeper.number;
    for (const name of names) {
      await this.#lookAt(name).catch((error) => this.#ports.troubled(`rollout ${name}`, error));
    }
    this.#keeper.noteDepartures();
    if (this.#keeper.number !== before && this.#isTimeToSave()) await this.#saveEvidence();
  }

  /** Whether this replica moves the rollouts; a process alone always does. */
  #mayAct(): boolean {
    const { together } = this.#ports;
    if (together === undefined) return true;
    return this.#isLeading && together.mayAct() && !this.#keeper.isBehind;
  }

  /** With others evidence is written with what is decided, and every few seconds. */
  #isTimeToSave(): boolean {
    return (
      this.#ports.together === undefined ||
      this.#ports.now() - this.#savedAt >= evidenceEveryMs ||
      this.#hasNewLimits
    );
  }

  async #saveEvidence(): Promise<void> {
    this.#savedAt = this.#ports.now();
    this.#hasNewLimits = false;
    if (this.#ports.together === undefined) await this.#keeper.saveEvidence();
    else await this.#keeper.exclusively(() => this.#keeper.saveEvidence());
  }

  async #see(routes?: readonly string[]): Promise<void> {
    const [views] = await Promise.all([this.#ports.versions(routes), this.#ports.collect()]);
    for (const [route, own] of Map.groupBy(views, (view) => view.route))
      this.#views.set(route, own);
    const isStable = (route: string, version: string) => {
      const rollout = rolloutOf(this.#keeper.kept, route);
      return rollout?.from === version;
    };
    this.#ages.note(views, isStable, this.#ports.now());
  }

  #lookAt(name: string): Promise<void> {
    return this.#keeper.exclusively(async () => {
      const entry = this.#keeper.entries.get(name);
      const rollout = this.#keeper.kept.rollouts[name];
      if (entry === undefined || rollout === undefined || !this.#isUnderWay(name)) return;
      if (!this.#mayAct()) return;
      const now = this.#ports.now();
      const isAgreed = this.#ports.together?.isAgreed() ?? true;
      const told = measured(entry, rollout, this.#measures, this.#ages, { now, isAgreed });
      const { release } = rollout.state;
      // With the counts, before anything else is added: both are of the same moment.
      const units = this.#measures.newUnits(release);
      const heard = this.#ports.together?.heard(release, units.length);
      const found =
        heard === undefined ? told : { ...told, rollout: withHeard(told.rollout, heard) };
      const at = {
        ...found,
        endpoints: this.#endpoints(entry),
        oldInFlight: this.#old(entry) + this.#oldElsewhere(entry, rollout.weights),
        now,
      };
      if (rollout.state.isHeld) this.#noteGap(entry, release);
      const looked = look(entry, found.rollout, at);
      this.#verdicts.set(release, looked.verdict);
      await this.#rememberUnits(release, units);
      await this.#replays.tick(entry, found.rollout, at);
      const hasNewLimits = found.rollout.limitsMs !== rollout.limitsMs;
      await this.#decided(entry, looked, hasNewLimits);
    });
  }

  async #decided(entry: Entry, looked: Looked, hasNewLimits: boolean): Promise<void> {
    const { decision, rollout } = looked;
    // Whatever comes of the decision: what was counted is counted.
    if (rollout !== this.#keeper.kept.rollouts[entry.name])
      this.#keeper.set(withRollout(this.#keeper.kept, rollout));
    if (hasNewLimits) this.#hasNewLimits = true;
    if (decision.kind !== 'wait') await this.#doDecision(entry, looked, decision);
    else if (hasNewLimits) await this.#ports.apply();
  }

  async #doDecision(
    entry: Entry,
    { rollout, state }: Looked,
    decision: Exclude<Looked['decision'], { readonly kind: 'wait' }>,
  ): Promise<void> {
    if (!this.#mayAct()) return;
    const next = atState(rollout, state);
    const change: Change = {
      kept: withRollout(this.#keeper.kept, next),
      kind: decision.kind === 'share' ? 'step' : decision.kind,
      route: entry.routes[0],
      reason: decision.reason,
      changes: sharesChanged(rollout, next),
      isWayBack: state.share < rollout.state.share || decision.kind === 'rollback',
    };
    // Where others were faster the next look decides on what they have written.
    const revision = await this.#change(change, 'turnout', 'leader').catch(isOvertaken);
    if (revision === undefined) return;
    if (next.state.step !== rollout.state.step) await this.#replays.step(entry, next);
    else await this.#replays.flush(next.state.release);
  }

  async #change(change: Change, who: string, by: 'leader' | 'person'): Promise<number> {
    const revision = await this.#keeper.change(change, who, by);
    if (this.#mayAct()) this.#savedAt = this.#ports.now();
    this.#tidy();
    return revision;
  }

  async #rememberUnits(release: string, units: Uint8Array): Promise<void> {
    // Before the evidence: what is counted and not remembered would be counted twice.
    if (units.length > 0) await this.#keeper.save(() => this.#ledger.addUnits(release, units));
  }

  /** Does what a person says, or tells why not. */
  async command(command: Command): Promise<CommandOutcome> {
    const needsLook = command.verb === 'switch' || command.verb === 'promote';
    if (needsLook) await this.#see(rolloutOf(this.#keeper.kept, command.route)?.routes ?? []);
    return this.#keeper.exclusively(async () => {
      const hashes = this.#keeper.kept.revisions.map(({ hash }) => hash);
      if (command.verb === 'undo') await this.#keeper.documents.read(hashes);
      for (let tries = 0; tries < mostTries; tries++) {
        const result = this.#obeyed(command);
        if (result.kind !== 'change') return result;
        const outcome = await this.#doCommand(command, result.change);
        if (outcome !== 'overtaken') return outcome;
      }
      const message = 'others have changed the ledger each time: nothing was changed; try again';
      return { kind: 'unwritable', message };
    });
  }

  /** Returns what a command makes of the ledger, or of what is in force here and leads back. */
  #obeyed(command: Command): Commanded {
    const { standing, kept } = this.#keeper;
    const result = commanded(command, this.#situation(command.route, standing));
    if (standing === kept) return result;
    if (result.kind === 'change') {
      return result.change.isWayBack ? result : (this.#otherDocument(command) ?? result);
    }
    // What this replica has in force already the leader may not have written yet.
    const here = commanded(command, this.#situation(command.route, kept));
    return here.kind === 'change' && here.change.isWayBack ? here : result;
  }

  /** Who has another document than the leader does not know its plan. */
  #otherDocument({ route, verb }: Command): Commanded | undefined {
    const rollout = rolloutOf(this.#keeper.standing, route);
    const entry = rollout && this.#keeper.entries.get(rollout.name);
    if (verb === 'enable' || entry === undefined || entry.text === rollout?.rule) return undefined;
    const message = 'this replica has another document than the one that is rolled out: try again';
    return { kind: 'conflict', message };
  }

  async #doCommand({ who }: Command, change: Change): Promise<CommandOutcome | 'overtaken'> {
    try {
      const revision = await this.#change(change, who, 'person');
      const rollout =
        change.route === undefined ? undefined : rolloutOf(this.#keeper.kept, change.route);
      const entry = rollout && this.#keeper.entries.get(rollout.name);
      if (rollout !== undefined && entry !== undefined) await this.#replays.step(entry, rollout);
      const isOwed = this.#keeper.owes ? `${change.reason}; ${notWritten}` : change.reason;
      return { kind: 'done', revision, message: isOwed };
    } catch (error) {
      if (error instanceof Overtaken) return 'overtaken';
      if (error instanceof Unwritable) return { kind: 'unwritable', message: error.message };
      throw error;
    }
  }

  #situation(route: string, kept: Kept) {
    const { hash } = this.#keeper;
    const rollout = rolloutOf(kept, route);
    const entry = rollout && this.#keeper.entries.get(rollout.name);
    const seen: Seen = {
      verdict: undefined,
      goal: undefined,
      endpoints:
        entry === undefined
          ? { old: 0, oldReady: 0, oldDown: 0, new: 0, newReady: 0 }
          : this.#endpoints(entry),
      oldInFlight: entry === undefined ? 0 : this.#old(entry),
    };
    return {
      kept,
      entries: this.#keeper.entries,
      rule: this.#keeper.documents.ruleIn(hash, route),
      seen,
      now: this.#ports.now(),
      written: (name: string) => this.#keeper.documents.textIn(hash, name),
      writtenAt: (then: string, name: string) => this.#keeper.documents.textIn(then, name),
    };
  }

  #endpoints({ routes, rule }: Entry) {
    return endpointsSeen(this.#viewsOf(routes), routes, rule.from, rule.to);
  }

  #viewsOf(routes: readonly string[]): readonly VersionView[] {
    return routes.flatMap((route) => this.#views.get(route) ?? []);
  }

  #old({ routes, rule }: Entry): number {
    const { countsOf } = this.#ports;
    return routes.reduce((sum, route) => sum + countsOf(route, rule.from).inFlight, 0);
  }

  #oldElsewhere({ routes, rule }: Entry, weights: number): number {
    const { together } = this.#ports;
    if (together === undefined) return 0;
    return routes.reduce(
      (sum, route) => sum + together.inFlightElsewhere(route, rule.from, weights),
      0,
    );
  }

  #noteGap({ routes, rule }: Entry, release: string): void {
    const counts = routes.flatMap((route) =>
      [rule.from, rule.to].map((version) => this.#ports.countsOf(route, version)),
    );
    const held = counts.reduce((sum, count) => sum + count.held, 0);
    const unserved = counts.reduce((sum, count) => sum + count.unserved, 0);
    this.#gaps.note(release, held, unserved);
  }

  #tidy(): void {
    const rollouts = Object.values(this.#keeper.kept.rollouts);
    const releases = new Set(rollouts.map(({ state }) => state.release));
    const open = rollouts.filter(({ state }) => !isOver(state)).map(({ state }) => state.release);
    this.#measures.retain(new Set(open));
    for (const known of this.#verdicts.keys()) {
      if (!releases.has(known)) this.#verdicts.delete(known);
    }
    this.#gaps.retain(releases);
    this.#replays.retain(releases);
  }

  /** Returns how a route stands, or all of them, with the latest counts. */
  async statuses(route?: string): Promise<readonly RouteStatus[]> {
    await this.#see(route === undefined ? undefined : [route]);
    this.#keeper.noteDepartures();
    return this.#statusesNow(route);
  }

  #statusesNow(route?: string): readonly RouteStatus[] {
    const routes = this.#keeper.hash === '' ? [] : this.#keeper.inForce().routes;
    const wanted = routes.filter(({ name }) => route === undefined || name === route);
    return wanted.map((rule) => this.#statusOf(rule));
  }

  #statusOf(rule: RouteRule): RouteStatus {
    const { kept, entries } = this.#keeper;
    const rollout = rolloutOf(kept, rule.name);
    const entry = rollout && entries.get(rollout.name);
    return statusOf(rule, {
      kept,
      pin: kept.pins[rule.name],
      overlay: this.overlays.of(rule.name)?.overlay,
      rollout: entry === undefined ? undefined : rollout,
      entry,
      verdict: rollout && this.#verdicts.get(rollout.state.release),
      views: this.#viewsOf([rule.name]),
      countsOf: this.#ports.countsOf,
      gap: rollout && this.#gaps.of(rollout.state.release),
      warning: this.#ledger.warning,
      now: this.#ports.now(),
    });
  }

  /** Returns how the rollouts stood at the last look. */
  rollouts(): readonly { readonly route: string; readonly status: RolloutStatus }[] {
    if (this.#keeper.entries.size === 0) return [];
    const names = new Set([...this.#keeper.entries.values()].flatMap(({ routes }) => routes));
    const rules = this.#keeper.inForce().routes.filter(({ name }) => names.has(name));
    return rules
      .map((rule) => this.#statusOf(rule))
      .flatMap(({ route, rollout }) => (rollout === undefined ? [] : [{ route, status: rollout }]));
  }

  /** How often what was decided of each route since the process began. */
  transitions(): readonly Transition[] {
    return this.#keeper.transitions();
  }

  /** The revisions that are kept, of a route or of all; the youngest first. */
  history(route?: string): readonly Revision[] {
    const { revisions } = this.#keeper.kept;
    if (route === undefined) return revisions.toReversed();
    const together = rolloutOf(this.#keeper.kept, route)?.routes ?? [route];
    const isOf = (name: string | undefined) => name === undefined || together.includes(name);
    return revisions.filter((revision) => isOf(revision.route)).toReversed();
  }

  revision(number: number): Revision | undefined {
    return this.#keeper.kept.revisions.find(({ revision }) => revision === number);
  }

  /** Returns the record of the ticks of a route's release. */
  async replay(route: string): Promise<string | undefined> {
    const rollout = rolloutOf(this.#keeper.kept, route);
    return rollout && this.#replays.of(rollout.state.release);
  }
}
