import type { Route } from '#core/routing/route';

/** Returns why versions have no endpoints here; undefined where all of theirs are written. */
export function troubleWithServices(routes: readonly Route[]): string | undefined {
  for (const { name: route, versions } of routes) {
    for (const { name, service } of versions) {
      if (service === undefined) continue;
      return `version "${name}" of route "${route}" is the service ${service}: only "turnout run" follows a cluster; write its url`;
    }
  }
  return undefined;
}
