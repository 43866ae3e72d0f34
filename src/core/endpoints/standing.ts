import type { Trouble } from '#core/exchange/labels';
import type { EjectionRule } from '#core/routing/rules';

/** However often an endpoint fails, it is asked again after this. */
const outMostMs = 300_000;
/** For how long others are preferred to one that did not answer, for each time in a row. */
const shakyMs = 1_000;
const shakyMostMs = 10_000;

/**
 * How an endpoint has fared with the requests that it was given.
 *
 * `in`: it is chosen. `out`: it is left out (ejected). `trial`: its time out is over, and the
 * next request decides; `tried`: that request is under way.
 */
export class Standing {
  state: 'in' | 'out' | 'trial' | 'tried' = 'in';
  /** Requests in a row that got no answer from it, or one of 500 to 599. */
  unanswered = 0;
  errors = 0;
  /**
   * Until then others are preferred: it has just not answered. One that refuses connections is
   * the least busy of all, and would be given every request that must not go anywhere else.
   */
  shakyUntil = 0;
  /** How often it was left out without having done well for long in between. */
  times = 0;
  /** When the time out is over, and how long it was; by the clock of the caller. */
  outUntil = 0;
  outMs = 0;
}

/** Notes a failure, now. Returns whether the rule wants the endpoint left out for it. */
export function fails(
  standing: Standing,
  trouble: Trouble,
  rule: EjectionRule | undefined,
  now: number,
): boolean {
  const inRow = trouble === 'status' ? ++standing.errors : ++standing.unanswered;
  if (trouble === 'status') standing.unanswered = 0;
  else standing.shakyUntil = now + Math.min(shakyMs * inRow, shakyMostMs);
  if (rule === undefined || standing.state === 'out') return false;
  return inRow >= rule.failures || standing.state === 'tried';
}

/** Notes an answer that was no error. Returns whether the endpoint is back by that. */
export function succeeds(standing: Standing): boolean {
  standing.unanswered = 0;
  standing.errors = 0;
  standing.shakyUntil = 0;
  if (standing.state === 'in' || standing.state === 'out') return false;
  standing.state = 'in';
  return true;
}

/**
 * Leaves an endpoint out, the longer the more often it happens. One that has done well for as
 * long as it was out begins anew. `random` takes up to a tenth off, so that endpoints that
 * failed at one time do not come back at one time.
 */
export function eject(standing: Standing, { forMs }: EjectionRule, now: number, random: number) {
  const didWell = now - standing.outUntil > standing.outMs;
  standing.times = didWell ? 1 : standing.times + 1;
  standing.outMs = Math.min(forMs * standing.times, outMostMs);
  standing.outUntil = now + standing.outMs * (1 - random / 10);
  standing.state = 'out';
  standing.unanswered = 0;
  standing.errors = 0;
}

/**
 * Returns whether one more endpoint of a version may be left out: of `all` of them so many are
 * out already, and so many are used. One may always go, the last one never.
 */
export function mayEject(all: number, out: number, used: number, maxPercent: number): boolean {
  return used > 1 && out < Math.max(1, Math.floor((all * maxPercent) / 100));
}
