import { Admission } from '#core/endpoints/admission';
import { RetryBudget } from '#core/endpoints/retry-budget';
import type { Route, Version } from '#core/routing/route';
import type { VersionLimits } from '#core/routing/rules';
import { Addresses } from './addresses.ts';
import { LineUp, type LineUpHouse } from './line-up.ts';
import { Member } from './member.ts';
import type { Pools } from './pool.ts';

/** What all fleets share. */
export interface FleetHouse extends LineUpHouse {
  readonly pools: Pools;
  /** So many processes share what the document limits. */
  readonly processes: number;
}

/** What a route says of the endpoints of its versions. */
export type FleetRules = Pick<Route, 'ejection' | 'health' | 'limits' | 'retries' | 'slowStartMs'>;

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
  readonly budget: RetryBudget;
  readonly rules: FleetRules;
  /** The part of this process. */
  readonly limits: VersionLimits;
  /** A connection could be made since the last time that none could. */
  isReachable = true;
  /** The held request that asks for all of them whether the version can be reached. */
  prober: unknown;
  readonly #house: FleetHouse;
  readonly #spec: string;
  readonly #addresses: Addresses;
  /** What ends the checks of each member. */
  readonly #checks = new Map<Member, () => void>();
  /** Called when an address is known. */
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(route: Route, version: Version, house: FleetHouse, before: Fleet | undefined) {
    this.#house = house;
    this.#spec = specOf(route, version);
    this.rules = route;
    this.lineUp = new LineUp(version.row, route, house);
    this.limits = shareOf(route.limits, house.processes);
    this.admission = before?.admission ?? new Admission(this.limits);
    this.admission.limits = this.limits;
    const { budgetPercent } = route.retries;
    this.budget = before?.budget ?? new RetryBudget(budgetPercent, 1 / house.processes);
    this.budget.percent = budgetPercent;
    const endpoints = version.state === 'disabled' ? [] : version.endpoints;
    this.#addresses = new Addresses(endpoints, house.ports, () => this.#found(this.lineUp.members));
    this.#found(before?.lineUp.members ?? []);
  }

  /** Whether it is what a snapshot's version needs. */
  isFor(route: Route, version: Version): boolean {
    return this.#spec === specOf(route, version);
  }

  /** The snapshot in force does not have it any more; `heir` is what it has in its place. */
  close(heir: Fleet | undefined): void {
    this.#isClosed = true;
    this.#addresses.close();
    for (const stop of this.#checks.values()) stop();
    this.lineUp.close(heir?.lineUp);
    for (const { pool } of this.lineUp.members) this.#house.pools.release(pool);
  }

  /** The members are at the addresses that are known now; of those before stays who is there. */
  #found(before: readonly Member[]): void {
    if (this.#isClosed) return;
    const { pools } = this.#house;
    const { members: old } = this.lineUp;
    const known = new Map(before.map((member) => [member.pool, member]));
    const members = new Set<Member>();
    for (const { endpoint, address } of this.#addresses.list()) {
      const pool = pools.claim(endpoint, address);
      const member = known.get(pool) ?? new Member(pool);
      known.set(pool, member);
      // Two names may lead to one address.
      if (members.has(member)) pools.release(pool);
      members.add(member);
    }
    this.#watch(members);
    this.lineUp.change([...members], before);
    for (const { pool } of old) pools.release(pool);
    if (!this.isAwaited) for (const waiting of [...this.#waiting]) waiting();
  }

  /** Has the members checked, and nobody else. */
  #watch(members: ReadonlySet<Member>): void {
    const { health } = this.rules;
    for (const [member, stop] of this.#checks) {
      if (members.has(member)) continue;
      stop();
      this.#checks.delete(member);
    }
    for (const member of members) {
      if (this.#checks.has(member)) continue;
      // If it is down, then by a rule that holds no longer.
      member.isUp = true;
      if (health === undefined) continue;
      const { endpoint, address } = member.pool;
      const target = { endpoint, address, rule: health };
      const changed = (isUp: boolean) => this.lineUp.checked(member, isUp);
      this.#checks.set(member, this.#house.ports.check(target, changed));
    }
  }

  /** Nothing is known of any address yet. */
  get isAwaited(): boolean {
    return this.lineUp.members.length === 0 && this.#addresses.isAwaited;
  }

  /** Calls when an address is known, or known not to be. Returns what ends it. */
  whenKnown(known: () => void): () => void {
    this.#waiting.add(known);
    return () => this.#waiting.delete(known);
  }

  /** Returns why it has fewer members than the document names; '' if there is no reason. */
  trouble(): string {
    return this.#addresses.trouble();
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

/** Returns all that makes one fleet differ from another, as text. */
function specOf(route: Route, { endpoints, row, state }: Version): string {
  const { ejection, health, limits, retries, slowStartMs } = route;
  const keys = endpoints.map(({ key }) => key);
  const isServing = state !== 'disabled';
  const rules = { ejection, health, limits, retries, slowStartMs };
  return JSON.stringify({ row, keys, isServing, rules });
}
