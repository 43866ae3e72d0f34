import { isPanic } from '#core/endpoints/panic';
import { eject, fails, mayEject, succeeds } from '#core/endpoints/standing';
import { lighterOfTwo, lighterOfWarmer } from '#core/endpoints/two-choices';
import { warmth } from '#core/endpoints/warmth';
import { type EndpointState, endpointStates, type Trouble } from '#core/exchange/labels';
import type { AssignPorts } from '#core/routing/assign';
import type { Route } from '#core/routing/route';
import type { FleetPorts } from './fleet-ports.ts';
import type { Member } from './member.ts';

/** No member has been tried. */
export const none: ReadonlySet<Member> = new Set();

/** What all line-ups share. */
export interface LineUpHouse {
  readonly ports: FleetPorts & { readonly assign: Pick<AssignPorts, 'random'> };
  /** The coarse clock. */
  readonly deadlines: { readonly now: number };
  /** Those that time may change: they are asked at each tick. */
  readonly restless: Set<LineUp>;
}

/** Which of a version's members are chosen from, by what is known of each. */
export class LineUp {
  /** All requests go to it as long as nothing changes; undefined where there is a choice. */
  #only: Member | undefined;
  members: readonly Member[] = [];
  readonly #row: number;
  readonly #rules: Pick<Route, 'ejection' | 'endpointsGo' | 'slowStartMs'>;
  readonly #house: LineUpHouse;
  /** What is chosen from. */
  #candidates: readonly Member[] = [];
  /** Whose time out is over: each is given one request, which decides. */
  #trials: Member[] = [];
  /** So few are well that all of them are used. */
  #isPanicking = false;
  /** By its checks nobody is up. */
  isDown = false;
  /** Until then a member may be in its slow start. */
  #warmUntil = Number.NEGATIVE_INFINITY;
  /** How many members were told to be in each state. */
  readonly #told: Record<EndpointState, number> = { healthy: 0, unhealthy: 0, ejected: 0 };
  #heir: LineUp | undefined;

  constructor(
    row: number,
    rules: Pick<Route, 'ejection' | 'endpointsGo' | 'slowStartMs'>,
    house: LineUpHouse,
  ) {
    this.#row = row;
    this.#rules = rules;
    this.#house = house;
  }

  /** Takes other members; those that come to others who stay begin slowly. */
  change(members: readonly Member[], before: readonly Member[]): void {
    this.members = members;
    const isNew = (member: Member) => !before.includes(member);
    // A whole new version has no slow start: there is nobody who could take the rest.
    if (!members.every(isNew)) for (const member of members.filter(isNew)) this.#joins(member);
    // Those that stay may be in the middle of theirs.
    for (const { joinedAt } of members) this.#warmsUntil(joinedAt);
    this.#refresh();
  }

  /** Nobody is told of it any more. What its exchanges learn is the heir's to know. */
  close(heir: LineUp | undefined): void {
    this.#heir = heir;
    this.#house.restless.delete(this);
    this.#tell([], false);
  }

  /** By its checks a member is up, or down. */
  checked(member: Member, isUp: boolean): void {
    member.isUp = isUp;
    if (isUp) this.#joins(member);
    this.#refresh();
  }

  #joins(member: Member): void {
    if (this.#rules.slowStartMs === 0) return;
    member.joinedAt = this.#house.deadlines.now;
    this.#warmsUntil(member.joinedAt);
  }

  #warmsUntil(joinedAt: number): void {
    this.#warmUntil = Math.max(this.#warmUntil, joinedAt + this.#rules.slowStartMs);
  }

  #refresh(): void {
    const { members } = this;
    const areWell = members.every((member) => member.isWell);
    const well = areWell ? members : members.filter((member) => member.isWell);
    const isPanicking = isPanic(well.length, members.length, this.#rules.endpointsGo);
    this.isDown = members.length > 0 && members.every(({ isUp }) => !isUp);
    this.#candidates = isPanicking ? members : well;
    this.#trials =
      isPanicking || areWell
        ? []
        : members.filter(({ isUp, standing }) => isUp && standing.state === 'trial');
    const isAlone = this.#candidates.length === 1 && this.#trials.length === 0;
    this.#only = isAlone ? this.#candidates[0] : undefined;
    const { restless } = this.#house;
    const isOut = ({ standing }: Member) => standing.state === 'out';
    if (!areWell && members.some(isOut)) restless.add(this);
    else restless.delete(this);
    this.#tell(members, isPanicking);
  }

  #tell(members: readonly Member[], isPanicking: boolean): void {
    const { ports } = this.#house;
    for (const state of endpointStates) {
      const change = countIn(members, state) - this.#told[state];
      if (change === 0) continue;
      ports.endpoints(this.#row, state, change);
      this.#told[state] += change;
    }
    if (isPanicking !== this.#isPanicking) ports.panicking(this.#row, isPanicking ? 1 : -1);
    this.#isPanicking = isPanicking;
  }

  get isPanicking(): boolean {
    return this.#isPanicking;
  }

  /** Returns whom to ask; undefined where `tried` holds everybody. */
  choose(tried: ReadonlySet<Member>, random: () => number): Member | undefined {
    if (tried !== none) return this.#chooseBeside(tried, random);
    if (this.#only !== undefined) return this.#only;
    if (this.#trials.length > 0) return this.#try();
    const candidates = this.#candidates;
    const { now } = this.#house.deadlines;
    if (now >= this.#warmUntil) return lighterOfTwo(candidates, random, now);
    const { slowStartMs } = this.#rules;
    return lighterOfWarmer(candidates, random, now, ({ joinedAt }) =>
      warmth(now - joinedAt, slowStartMs),
    );
  }

  /** Those that are left out come last, but before nobody. */
  #chooseBeside(tried: ReadonlySet<Member>, random: () => number): Member | undefined {
    const isLeft = (member: Member) => !tried.has(member);
    const left = this.#candidates.filter(isLeft);
    const { now } = this.#house.deadlines;
    return lighterOfTwo(left.length > 0 ? left : this.members.filter(isLeft), random, now);
  }

  #try(): Member | undefined {
    const member = this.#trials.pop();
    if (member !== undefined) member.standing.state = 'tried';
    return member;
  }

  /** Whether there is a member that has not been tried. */
  hasOther(tried: ReadonlySet<Member>): boolean {
    return this.members.some((member) => !tried.has(member));
  }

  /** Notes the status of an answer. */
  answered(member: Member, status: number): void {
    if (status >= 500) this.failed(member, 'status');
    else if (!member.isSpotless) this.#didWell(member);
  }

  #didWell(member: Member): void {
    const isBack = succeeds(member.standing);
    member.isSpotless = member.standing.state === 'in';
    if (!isBack) return;
    const latest = this.#latest();
    latest.#joins(member);
    latest.#refresh();
  }

  /** Notes a request that got no answer, or one that is an error of the endpoint. */
  failed(member: Member, trouble: Trouble): void {
    const latest = this.#latest();
    const { ejection } = latest.#rules;
    const { standing } = member;
    member.isSpotless = false;
    const { ports, deadlines } = this.#house;
    const isTooMuch = fails(standing, trouble, ejection, deadlines.now);
    if (!isTooMuch || ejection === undefined) return;
    if (latest.#mayEject(member, ejection.maxPercent)) {
      eject(standing, ejection, deadlines.now, ports.assign.random());
      ports.ejected(latest.#row, trouble, member.pool.place, standing.outMs);
    } else if (standing.state === 'tried') standing.state = 'in';
    latest.#refresh();
  }

  #mayEject({ isUp, standing }: Member, maxPercent: number): boolean {
    const { members } = this;
    const well = members.filter((member) => member.isWell).length;
    // On trial it is one of those that are out already.
    if (standing.state === 'tried') return well > 0;
    const out = members.filter((member) => member.standing.state !== 'in').length;
    return isUp && mayEject(members.length, out, well, maxPercent);
  }

  /** The request that was to decide has ended without a verdict: the next one decides. */
  undecided(member: Member): void {
    member.standing.state = 'trial';
    this.#latest().#refresh();
  }

  #latest(): LineUp {
    let latest: LineUp = this;
    while (latest.#heir !== undefined) latest = latest.#heir;
    return latest;
  }

  /** Looks whose time out is over. */
  tick(now: number): void {
    const isOver = ({ standing }: Member) => standing.state === 'out' && standing.outUntil <= now;
    const back = this.members.filter(isOver);
    for (const { standing } of back) standing.state = 'trial';
    if (back.length > 0) this.#refresh();
  }
}

function countIn(members: readonly Member[], state: EndpointState): number {
  let count = 0;
  for (const member of members) if (member.state === state) count++;
  return count;
}
