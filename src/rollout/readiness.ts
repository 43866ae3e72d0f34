import { readyEndpoints } from '#core/endpoints/ready-endpoints';
import type { VersionView } from '#core/endpoints/version-view';
import type { EndpointsSeen } from '#core/rollout/decide';

/** Returns how many endpoints a version has, how many are ready, and how many found not to be well. */
export function endpointsOf(view: VersionView | undefined): {
  readonly all: number;
  readonly ready: number;
  readonly down: number;
} {
  if (view === undefined) return { all: 0, ready: 0, down: 0 };
  // What terminates goes, however well it still serves.
  const isDown = ({ seen }: VersionView['endpoints'][number]) =>
    view.terminating > 0 || seen.healthy < view.processes;
  const { length: all } = view.endpoints;
  return { all, ready: readyEndpoints(view), down: view.endpoints.filter(isDown).length };
}

/** Returns what is seen of the endpoints of both versions, over all routes of a rollout. */
export function endpointsSeen(
  views: readonly VersionView[],
  routes: readonly string[],
  from: string,
  to: string,
): EndpointsSeen {
  const perRoute = routes.map((route) => {
    const viewOf = (version: string) =>
      endpointsOf(views.find((view) => view.route === route && view.version === version));
    return { old: viewOf(from), new: viewOf(to) };
  });
  // Routes of a group are ready together: the one that lacks most decides.
  const worst = perRoute.toSorted(
    (a, b) => a.new.ready - a.old.ready - (b.new.ready - b.old.ready),
  );
  const [first] = worst;
  if (first === undefined) return { oldReady: 0, oldDown: 0, old: 0, newReady: 0, new: 0 };
  return {
    oldReady: first.old.ready,
    oldDown: first.old.down,
    old: first.old.all,
    newReady: first.new.ready,
    new: first.new.all,
  };
}
