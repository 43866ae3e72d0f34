import { type WatchRestart, type WatchStatus, watchRestarts } from '#core/kubernetes/api';
import type { Family } from './family.ts';

/** What is known of the watches of the Kubernetes API. */
export interface WatchFacts {
  /** Those that are open. */
  readonly watches: () => readonly WatchStatus[];
  /** By the kind of object: of all that there were, for no counter falls. */
  readonly restarts: () => ReadonlyMap<string, ReadonlyMap<WatchRestart, number>>;
}

export const noWatches: WatchFacts = { watches: () => [], restarts: () => new Map() };

/** Returns the metrics of the watches of the Kubernetes API, by the kind of object. */
export function watchFamilies(
  { watches, restarts }: WatchFacts,
  toWallSeconds: (monotonicMs: number) => number,
): readonly Family[] {
  const byResource = () => Map.groupBy(watches(), ({ resource }) => resource);
  const gauge = (value: (of: readonly WatchStatus[]) => number) => () => [
    [...byResource()].map(([resource, of]) => ({ value: value(of), labels: { resource } })),
  ];
  return [
    {
      name: 'turnout_watch_synced',
      help: '1 where all that there is was read at least once, by every watch of the Kubernetes API.',
      type: 'gauge',
      labels: ['resource'],
      read: gauge((of) => (of.every(({ isSynced }) => isSynced) ? 1 : 0)),
    },
    {
      name: 'turnout_watch_last_heard_timestamp_seconds',
      help: 'When the watch of the Kubernetes API that was quiet for longest last heard something; 0 for never.',
      type: 'gauge',
      labels: ['resource'],
      read: gauge((of) =>
        Math.min(
          ...of.map(({ lastHeardAt }) =>
            lastHeardAt === undefined ? 0 : toWallSeconds(lastHeardAt),
          ),
        ),
      ),
    },
    {
      name: 'turnout_watch_restarts_total',
      help: 'Watches of the Kubernetes API that were begun anew, by why the one before had ended.',
      type: 'counter',
      labels: ['resource', 'reason'],
      read: () => [
        [...new Set([...byResource().keys(), ...restarts().keys()])].flatMap((resource) =>
          watchRestarts.map((reason) => ({
            value: restarts().get(resource)?.get(reason) ?? 0,
            labels: { resource, reason },
          })),
        ),
      ],
    },
  ];
}
