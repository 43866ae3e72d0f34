import type { Report } from '../finding.ts';
import { fullName } from '../kube-object.ts';
import { isSameBackend } from './location.ts';
import { isSame, type Locations } from './locations.ts';

/** A canary counts where a main Ingress has the same host and path; one for each. */
export function tellLeftCanaries({ byHost, canaries }: Locations, report: Report): void {
  const main = [...byHost.values()].flat();
  const used = main.map((location) =>
    canaries.find((other) => isSame(other, location) && !isSameBackend(other, location)),
  );
  for (const canary of canaries) {
    if (used.includes(canary)) continue;
    const { ingress, host, path, span } = canary;
    const other = main.find((location) => isSame(location, canary));
    const why =
      other === undefined
        ? 'no main Ingress has this host and path'
        : isSameBackend(other, canary)
          ? 'it names the Service of its main Ingress'
          : 'another canary of this host and path is older or stands before it';
    report({
      code: 'TN6005',
      message: `canary ${fullName(ingress.object)} for ${host}${path} is left out, as ingress-nginx does: ${why}`,
      span,
    });
  }
}
