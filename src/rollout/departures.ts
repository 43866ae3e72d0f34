import type { Departure, Kept } from './kept.ts';

/** What is counted of a version, by all processes together. Instants: milliseconds since 1970. */
export interface VersionCounts {
  readonly requests: number;
  readonly failures: number;
  readonly inFlight: number;
  /** Requests that wait until it can serve, and those that have waited in vain. */
  readonly held: number;
  readonly unserved: number;
  /** How often it was sent a request, copies and repeats included. */
  readonly sent: number;
  readonly lastSentAt: number | undefined;
  readonly lastEndedAt: number | undefined;
}

export type CountsOf = (route: string, version: string) => VersionCounts;

/** Returns what is kept, with versions that should get nothing any more from now on. */
export function departing(
  kept: Kept,
  leaving: readonly (readonly [route: string, version: string])[],
  times: { readonly decidedAt: number; readonly inForceAt: number },
  countsOf: CountsOf,
): Kept {
  if (leaving.length === 0) return kept;
  const isLeaving = ({ route, version }: Departure) =>
    leaving.some(([r, v]) => r === route && v === version);
  const departures = leaving.map(([route, version]): Departure => {
    const { sent, lastSentAt, lastEndedAt } = countsOf(route, version);
    return { route, version, ...times, sentBefore: sent, lastSentAt, lastEndedAt };
  });
  return { ...kept, departures: [...kept.departures.filter((d) => !isLeaving(d)), ...departures] };
}

/** Returns what is kept without those that get traffic again. */
export function returning(
  kept: Kept,
  places: readonly (readonly [route: string, version: string])[],
): Kept {
  const isBack = ({ route, version }: Departure) =>
    places.some(([r, v]) => r === route && v === version);
  return { ...kept, departures: kept.departures.filter((one) => !isBack(one)) };
}
