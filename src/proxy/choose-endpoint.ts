import type { Endpoint } from '#core/routing/route';
import type { Pool, Pools } from './pool.ts';

/** No pool has been tried. */
export const none: ReadonlySet<Pool> = new Set();

/**
 * Returns the pool to use: of two random ones that are not down, the one with fewer
 * exchanges in flight; undefined where `tried` holds them all.
 *
 * Two choices are nearly as even as looking at all of them, and don't send everything
 * to one endpoint that has just come back (Mitzenmacher, The Power of Two Choices).
 */
export function chooseEndpoint(
  endpoints: readonly Endpoint[],
  pools: Pools,
  tried: ReadonlySet<Pool>,
  random: () => number,
  now: number,
): Pool | undefined {
  if (tried === none) {
    const one = poolAt(endpoints, pools, random);
    if (endpoints.length === 1) return one;
    const other = poolAt(endpoints, pools, random);
    if (
      one !== undefined &&
      one.downUntil <= now &&
      other !== undefined &&
      other.downUntil <= now
    ) {
      return lighter(one, other);
    }
  }
  const left = endpoints.map((endpoint) => pools.of(endpoint)).filter((pool) => !tried.has(pool));
  const up = left.filter((pool) => pool.downUntil <= now);
  const among = up.length > 0 ? up : left;
  const one = among[Math.floor(random() * among.length)];
  const other = among[Math.floor(random() * among.length)];
  return one === undefined || other === undefined ? undefined : lighter(one, other);
}

function poolAt(endpoints: readonly Endpoint[], pools: Pools, random: () => number) {
  const endpoint =
    endpoints.length === 1 ? endpoints[0] : endpoints[Math.floor(random() * endpoints.length)];
  return endpoint === undefined ? undefined : pools.of(endpoint);
}

function lighter(one: Pool, other: Pool): Pool {
  return other.inFlight < one.inFlight ? other : one;
}
