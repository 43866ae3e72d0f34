import type { VersionView } from '#core/endpoints/version-view';
import type { Verdict } from '#core/judge/verdict';
import type { Command, CommandOutcome } from '#core/rollout/command';
import type { Seen } from '#core/rollout/decide';
import { isOver } from '#core/rollout/state';
import type { Revision, RolloutStatus, RouteStatus } from '#core/rollout/status';
import type { RouteRule } from '#core/routing/rules';
import { Ages } from './ages.ts';
import { type Change, withRollout } from './change.ts';
import { commanded, sharesChanged } from './commanded.ts';
import type { Entry } from './entries.ts';
import { Gaps } from './gaps.ts';
import { type Keeper, Unwritable } from './keeper.ts';
import type { Ledger } from './ledger.ts';
import { measured } from './limits.ts';
import { atState, type Looked, look } from './look.ts';
import type { Measures } from './measures.ts';
import type { RolloutPorts } from './ports.ts';
import { endpointsSeen } from './readiness.ts';
import { Replays } from './replays.ts';
import { statusOf } from './status-of.ts';
import type { Transition } from './transitions.ts';
import { rolloutOf } from './undo.ts';

/** The release's way: measure, judge, decide, and let the keeper put it in force. */
export class Rollouts {
  readonly #ports: RolloutPorts;
  readonly #ledger: Ledger;
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

  constructor(ledger: Ledger, measures: Measures, ports: RolloutPorts, keeper: Keeper) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#measures = measures;
    this.#keeper = keeper;
    this.#replays = new Replays(ledger);
  }

  /** Reads what pins need and what is remembered of units. Before the first document. */
  async start(): Promise<void> {
    await this.#keeper.documents.read(
      Object.values(this.#keeper.kept.pins).map(({ hash }) => hash),
    );
    for (const { state } of Object.values(this.#keeper.kept.rollouts)) {
      if (isOver(state)) continue;
      this.#measures.restore(state.release, await this.#ledger.unitsOf(state.release));
    }
  }

  /** Whether there is anything to look at. */
  get isBusy(): boolean {
    return [...this.#keeper.entries.keys()].some((name) => this.#isUnderWay(name));
  }

  #isUnderWay(name: string): boolean {
    const rollout = this.#keeper.kept.rollouts[name];
    if (rollout === undefined || isOver(rollout.state)) return false;
    return rollout.routes.every((route) => this.#keeper.kept.pins[route] === undefined);
  }

  /** Looks at every rollout once, and does what is decided. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#ports.troubled('a look at the rollouts', error))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const names = [...this.#keeper.entries.keys()].filter((name) => this.#isUnderWay(name));
    await this.#see(names.flatMap((name) => this.#keeper.entries.get(name)?.routes ?? []));
    const before = this.#keeper.number;
    for (const name of names) {
      await this.#lookAt(name).catch((error) => this.#ports.troubled(`rollout ${name}`, error));
    }
    this.#keeper.noteDepartures();
    if (this.#keeper.number !== before)
      await this.#keeper.save(() => this.#ledger.save(this.#keeper.kept));
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
      const now = this.#ports.now();
      const found = measured(entry, rollout, this.#measures, this.#ages, now);
      const at = {
        ...found,
        endpoints: this.#endpoints(entry),
        oldInFlight: this.#old(entry),
        now,
      };
      if (rollout.state.isHeld) this.#noteGap(entry, rollout.state.release);
      const looked = look(entry, found.rollout, at);
      this.#verdicts.set(rollout.state.release, looked.verdict);
      await this.#rememberUnits(rollout.state.release);
      await this.#replays.tick(entry, found.rollout, at);
      const hasNewLimits = found.rollout.limitsMs !== rollout.limitsMs;
      await this.#decided(entry, looked, hasNewLimits);
    });
  }

  async #decided(entry: Entry, looked: Looked, hasNewLimits: boolean): Promise<void> {
    const { decision, rollout, state } = looked;
    if (decision.kind === 'wait') {
      if (rollout !== this.#keeper.kept.rollouts[entry.name])
        this.#keeper.set(withRollout(this.#keeper.kept, rollout));
      if (hasNewLimits) await this.#ports.apply();
      return;
    }
    const next = atState(rollout, state);
    const change: Change = {
      kept: withRollout(this.#keeper.kept, next),
      kind: decision.kind === 'share' ? 'step' : decision.kind,
      route: entry.routes[0],
      reason: decision.reason,
      changes: sharesChanged(rollout, next),
      isWayBack: state.share < rollout.state.share || decision.kind === 'rollback',
    };
    await this.#change(change, 'turnout');
    if (next.state.step !== rollout.state.step) await this.#replays.step(entry, next);
    else await this.#replays.flush(next.state.release);
  }

  async #change(change: Change, who: string): Promise<number> {
    const revision = await this.#keeper.change(change, who);
    this.#tidy();
    return revision;
  }

  async #rememberUnits(release: string): Promise<void> {
    const units = this.#measures.newUnits(release);
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
      const result = commanded(command, this.#situation(command.route));
      if (result.kind !== 'change') return result;
      return await this.#doCommand(command, result.change);
    });
  }

  async #doCommand({ who }: Command, change: Change): Promise<CommandOutcome> {
    try {
      const revision = await this.#change(change, who);
      const rollout =
        change.route === undefined ? undefined : rolloutOf(this.#keeper.kept, change.route);
      const entry = rollout && this.#keeper.entries.get(rollout.name);
      if (rollout !== undefined && entry !== undefined) await this.#replays.step(entry, rollout);
      return { kind: 'done', revision, message: change.reason };
    } catch (error) {
      if (error instanceof Unwritable) return { kind: 'unwritable', message: error.message };
      throw error;
    }
  }

  #situation(route: string) {
    const { hash } = this.#keeper;
    const rollout = rolloutOf(this.#keeper.kept, route);
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
      kept: this.#keeper.kept,
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
