import type { Measurement, Pair, Term } from '#core/judge/measurement';
import { binomial, type Random } from './random.ts';

/** Traffic without units: each request is drawn, and fails, by itself. */
export interface RequestTraffic {
  readonly perTick: number;
  /** The candidate's share of it. */
  readonly share: number;
  /** Shares of requests that fail. */
  readonly failing: Pair;
  /** Shares of requests above T90, T95 and T99, of both. */
  readonly slow?: readonly [Pair, Pair, Pair];
  readonly revision?: number;
}

const none: Pair = [0, 0];
const noneSlow = [none, none, none] as const;

/** Returns what one tick of it brings. */
export function requestTick(random: Random, traffic: RequestTraffic): Measurement {
  const term = requestTerm(random, traffic);
  return tickOf([term], term.sizes);
}

export function requestTerm(random: Random, traffic: RequestTraffic): Term {
  const { perTick, share, failing, slow, revision = 1 } = traffic;
  const candidate = binomial(random, perTick, share);
  const sizes: Pair = [perTick - candidate, candidate];
  return {
    kind: 'request',
    revision,
    sizes,
    failures: [binomial(random, sizes[0], failing[0]), binomial(random, sizes[1], failing[1])],
    slow: slow === undefined ? noneSlow : slowOf(random, sizes, slow),
    goals: none,
  };
}

/** Whoever is above T99 is above T95, too. */
function slowOf(random: Random, sizes: Pair, [p90, p95, p99]: readonly [Pair, Pair, Pair]) {
  const counts = ([0, 1] as const).map((side) => {
    const above99 = binomial(random, sizes[side], p99[side]);
    const between95 = (p95[side] - p99[side]) / (1 - p99[side]);
    const above95 = above99 + binomial(random, sizes[side] - above99, between95);
    const between90 = (p90[side] - p95[side]) / (1 - p95[side]);
    return [above95 + binomial(random, sizes[side] - above95, between90), above95, above99];
  });
  const [stable = [], fresh = []] = counts;
  const at = (limit: number): Pair => [stable[limit] ?? 0, fresh[limit] ?? 0];
  return [at(0), at(1), at(2)] as const;
}

export function tickOf(terms: readonly Term[], units: Pair): Measurement {
  return {
    at: 0,
    terms,
    slices: [],
    sightings: [],
    units,
    seen: 0,
    worn: 0,
    hasUnits: false,
    compared: 0,
    differing: 0,
    isWarm: true,
    isAgreed: true,
  };
}
