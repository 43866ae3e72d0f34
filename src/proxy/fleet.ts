import { Admission } from '#core/endpoints/admission';
import { RetryBudget } from '#core/endpoints/retry-budget';
import { sameData } from '#core/endpoints/same-data';
import type { Endpoint, Route, Version } from '#core/routing/route';
import type { VersionLimits } from '#core/routing/rules';
import { Addresses } from './addresses.ts';
import { LineUp, type LineUpHouse } from './line-up.ts';
import { Member } from './member.ts';
import type { Pools } from './pool.ts';

/** For so long it counts that no connection could be made, if nobody tries again. */
const unreachableMs = 10_000;

/** What all fleets share. */
export interface FleetHouse extends LineUpHouse {
  readonly pools: Pools;
  /** So many processes share what the document limits. */
  readonly processes: number;
}

/** What a route says of the endpoints of its versions. */
export type FleetRules = Pick<
  Route,
  'ejection' | 'endpointsGo' | 'health' | 'limits' | 'retries' | 'slowStartMs'
>;

/**
 * The endpoints of a version, and what the process keeps of them.
 *
 * It outlives snapshots that say nothing new of its version. One that does makes another fleet,
 * its heir, with the members that stay, what the limits count, and the retry budget; exchanges
 * of the older snapshot keep the older fleet.
 */
export class Fleet {
  readonly lineUp: LineUp;
  readonly admission: Admission;
  /** Of answers that are asked for again; undefined where there are none. */
  readonly statuses: readonly number[] | undefined;
  /** The part of this process. */
  readonly limits: VersionLimits;
  /** A connection could be made since the last time that none could. */
  isReachable = true;
  /** When that was, by the coarse clock. */
  #unreachableAt = 0;
  readonly budget: RetryBudget;
  readonly rules: FleetRules;
  /** The held request that asks for all of them whether the version can be reached. */
  prober: unknown;
  /** All of its endpoints are terminating: they serve until they are gone. */
  readonly isTerminating: boolean;
  readonly #house: FleetHouse;
  readonly #endpoints: readonly Endpoint[];
  /** Why its service has no endpoint; '' where nothing is wrong. */
  readonly #trouble: string;
  readonly #addresses: Addresses;
  /** What ends the checks of each member. */
  #checks: Map<Member, () => void> | undefined;
  /** Called when an address is known. */
  #waiting: Set<() => void> | undefined;
  #isClosed = false;

  constructor(rules: FleetRules, version: Version, house: FleetHouse, before: Fleet | undefined) {
    this.#house = house;
    this.#endpoints = endpointsOf(version);
    this.isTerminating = version.isTerminating;
    this.#trouble = version.trouble;
    this.rules = rules;
    const { statuses } = rules.retries;
    this.statuses = statuses.length === 0 ? undefined : statuses;
    this.lineUp = new LineUp(version.row, rules, house);
    this.limits = shareOf(rules.limits, house.processes);
    this.admission = before?.admission ?? new Admission(this.limits);
    this.admission.limits = this.limits;
    const { budgetPercent } = rules.retries;
    this.budget = before?.budget ?? new RetryBudget(budgetPercent, 1 / house.processes);
    this.budget.percent = budgetPercent;
    const changed = () => this.#found(this.lineUp.members);
    this.#addresses = new Addresses(this.#endpoints, house.ports, changed);
    this.#found(before?.lineUp.members ?? []);
  }

  /** No connection could be made. */
  unreachable(): void {
    this.isReachable = false;
    this.#unreachableAt = this.#house.deadlines.now;
  }

  /** Nothing that was learned lately says that it can't be reached: who has no traffic learns nothing. */
  get mayBeReachable(): boolean {
    return this.isReachable || this.#house.deadlines.now - this.#unreachableAt > unreachableMs;
  }

  /** Another one has taken its place, or none has. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it is what a snapshot's version needs. */
  isFor(rules: FleetRules, version: Version): boolean {
    const endpoints = endpointsOf(version);
    return (
      version.isTerminating === this.isTerminating &&
      version.trouble === this.#trouble &&
      endpoints.length === this.#endpoints.length &&
      endpoints.every(({ key }, at) => key === this.#endpoints[at]?.key) &&
      sameData(rules, this.rules)
    );
  }

  /** The snapshot in force does not have it any more; `heir` is what it has in its place. */
  close(heir: Fleet | undefined): void {
    this.#isClosed = true;
    this.#addresses.close();
    for (const stop of this.#checks?.values() ?? []) stop();
    this.lineUp.close(heir?.lineUp);
    for (const { pool } of this.lineUp.members) this.#house.pools.release(pool);
  }

  /** The members are at the addresses that are known now; of those before stays who is there. */
  #found(before: readonly Member[]): void {
    if (this.#isClosed) return;
    const { pools } = this.#house;
    const { members: old } = this.lineUp;
    const members: Member[] = [];
    for (const { endpoint, address } of this.#addresses.list()) {
      const pool = pools.claim(endpoint, address);
      const isOf = (member: Member) => member.pool === pool;
      // Two names may lead to one address.
      if (members.some(isOf)) pools.release(pool);
      else members.push(before.find(isOf) ?? new Member(pool));
    }
    this.#watch(members);
    this.lineUp.change(members, before);
    for (const { pool } of old) pools.release(pool);
    if (!this.isAwaited) for (const waiting of [...(this.#waiting ?? [])]) waiting();
  }

  /** Has the members checked, and nobody else. */
  #watch(members: readonly Member[]): void {
    const { health } = this.rules;
    // If one of them is down, then by a rule that holds no longer.
    if (health === undefined) for (const member of members) member.isUp = true;
    if (health === undefined) return;
    const checks = this.#checks ?? new Map<Member, () => void>();
    this.#checks = checks;
    for (const [member, stop] of checks) {
      if (members.includes(member)) continue;
      stop();
      checks.delete(member);
    }
    for (const member of members) {
      if (checks.has(member)) continue;
      member.isUp = true;
      const { endpoint, address } = member.pool;
      const target = { endpoint, address, rule: health };
      const changed = (isUp: boolean) => this.lineUp.checked(member, isUp);
      member.hasPassed = false;
      const passed = () => {
        member.hasPassed = true;
      };
      checks.set(member, this.#house.ports.check(target, changed, passed));
    }
  }

  /** Nothing is known of any address yet. */
  get isAwaited(): boolean {
    return this.lineUp.members.length === 0 && this.#addresses.isAwaited;
  }

  /** Calls when an address is known, or known not to be. Returns what ends it. */
  whenKnown(known: () => void): () => void {
    const waiting = this.#waiting ?? new Set();
    this.#waiting = waiting.add(known);
    return () => waiting.delete(known);
  }

  /** Returns why it has fewer members than the document names; '' if there is no reason. */
  trouble(): string {
    return this.#trouble || this.#addresses.trouble();
  }

  /** Makes room for one more connection, if the limit wants that. */
  makeRoom(): void {
    const { members } = this.lineUp;
    let open = 0;
    for (const { pool } of members) open += pool.connections;
    if (open < this.limits.connections) return;
    for (const { pool } of members) if (pool.closeLongestIdle()) return;
  }
}

function shareOf(limits: VersionLimits, processes: number): VersionLimits {
  const part = (most: number) => Math.ceil(most / processes);
  const { connections, inFlight, waiting } = limits;
  return {
    ...limits,
    connections: part(connections),
    inFlight: part(inFlight),
    waiting: part(waiting),
  };
}

/** Nothing is asked of a version that is disabled: not even what its names mean. */
function endpointsOf({ endpoints, state }: Version): readonly Endpoint[] {
  return state === 'disabled' ? [] : endpoints;
}

/** Returns what the fleets of a route's versions go by, and no more: they outlive the route. */
export function fleetRules(route: Route): FleetRules {
  const { ejection, endpointsGo, health, limits, retries, slowStartMs } = route;
  return { ejection, endpointsGo, health, limits, retries, slowStartMs };
}
