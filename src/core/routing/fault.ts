import type { Facts } from '#core/conditions/facts';
import type { Fault, Route, Version } from './route.ts';

/**
 * Returns the fault that is about a request, given the version that is to serve it; undefined
 * where none is. Whether it strikes is for chance and its percentages to say.
 */
export function faultFor({ fault }: Route, facts: Facts, version: Version): Fault | undefined {
  if (fault === undefined) return undefined;
  if (fault.version !== undefined && fault.version !== version) return undefined;
  return fault.holds === undefined || fault.holds(facts) ? fault : undefined;
}

/** What a fault does to one request. */
export interface Blow {
  /** 0: it is not delayed. */
  readonly delayMs: number;
  readonly aborts: boolean;
}

/** Draws what a fault does to a request; `random` is in [0, 1). Each part is drawn on its own. */
export function strike(fault: Fault, random: () => number): Blow {
  const { delayMs, delayPercent, abortPercent } = fault;
  return {
    delayMs: random() * 100 < delayPercent ? delayMs : 0,
    aborts: random() * 100 < abortPercent,
  };
}

/** What a fault does, as people are told it. */
export interface Trouble {
  readonly delay?: { readonly timeMs: number; readonly percent: number };
  readonly abort?: { readonly with: number | 'reset'; readonly percent: number };
}

type Numbers = Pick<Fault, 'delayMs' | 'delayPercent' | 'abortStatus' | 'abortPercent'>;

export function troubleOf(fault: Numbers): Trouble {
  const { delayMs: timeMs, delayPercent, abortStatus, abortPercent } = fault;
  return {
    ...(timeMs > 0 && { delay: { timeMs, percent: delayPercent } }),
    ...(abortPercent > 0 && {
      abort: { with: abortStatus === 0 ? 'reset' : abortStatus, percent: abortPercent },
    }),
  };
}
