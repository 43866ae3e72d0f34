import type { Failure } from '#core/exchange/failure';
import type { Route, Version } from '#core/routing/route';

export type Then =
  | { readonly kind: 'fallback'; readonly version: Version }
  | { readonly kind: 'hold' }
  /** `code` is undefined where the exchange fails with what kept it from connecting. */
  | { readonly kind: 'fail'; readonly code: Failure | undefined };

const fail: Then = { kind: 'fail', code: undefined };

/** Returns what a route does with a request whose version none of the endpoints can take. */
export function whenUnavailable(
  { fallback, onUnavailable }: Pick<Route, 'fallback' | 'onUnavailable'>,
  tried: Version | undefined,
  heldMs: number,
  mayHold: boolean,
): Then {
  if (fallback !== undefined && fallback !== tried) return { kind: 'fallback', version: fallback };
  if (onUnavailable.kind !== 'hold') return fail;
  if (heldMs >= onUnavailable.holdMs) return { kind: 'fail', code: 'hold_timeout' };
  return mayHold ? { kind: 'hold' } : { kind: 'fail', code: 'overflow' };
}
