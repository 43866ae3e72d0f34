import type { MirrorSample } from '#core/mirror/mirror-sample';
import type { Snapshot } from '#core/snapshot/snapshot';

/** Returns every mirror in force, with the first answers to its copies that were different. */
export function mirrorJson(snapshot: Snapshot | undefined, samples: readonly MirrorSample[]) {
  const mirrors = (snapshot?.routes ?? []).flatMap(({ name, mirror }) =>
    mirror === undefined ? [] : [{ route: name, version: mirror.version.name }],
  );
  return mirrors.map(({ route, version }) => ({
    route,
    version,
    different: samples
      .filter((sample) => sample.route === route && sample.version === version)
      .map(({ at, method, path, differences }) => ({
        at: new Date(at).toISOString(),
        method,
        path,
        differences,
      })),
  }));
}
