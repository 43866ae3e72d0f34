import type { Overlay } from '#core/rollout/overlay';
import type { Kept, KeptOverlay } from './kept.ts';

/** Why an overlay ends by itself. */
export const timeIsOver = 'its time is over';

/** Returns the overlay of a route that is in force then; undefined: none is. */
export function overlayAt(kept: Kept, route: string, now: number): KeptOverlay | undefined {
  const overlay = overlayOf(kept, route);
  return overlay !== undefined && isInForce(overlay, now) ? overlay : undefined;
}

/** Returns the overlay of a route, over or not. A route may be called `constructor`. */
export function overlayOf({ overlays }: Kept, route: string): KeptOverlay | undefined {
  return Object.hasOwn(overlays, route) ? overlays[route] : undefined;
}

/** From its end on it is in force nowhere, also where nobody has written that down yet. */
export function isInForce({ endsAt }: Overlay, now: number): boolean {
  return now < endsAt;
}

/** Returns what is kept without the overlays of these routes, and the routes that had one. */
export function withoutOverlays(
  kept: Kept,
  routes: readonly string[],
): { readonly kept: Kept; readonly ended: readonly string[] } {
  const ended = routes.filter((route) => overlayOf(kept, route) !== undefined);
  if (ended.length === 0) return { kept, ended };
  const left = Object.entries(kept.overlays).filter(([route]) => !ended.includes(route));
  return { kept: { ...kept, overlays: Object.fromEntries(left) }, ended };
}
