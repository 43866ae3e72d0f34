import type { Report } from '../finding.ts';
import { type RouteBody, saltOf, type WrittenVersion } from '../imported-route.ts';
import { fullName } from '../kube-object.ts';
import { Names } from '../names.ts';
import { serviceHost } from '../services.ts';
import { divisionOf } from './canary.ts';
import type { Context } from './context.ts';
import type { Backend, Ingress } from './ingress.ts';
import { isSameBackend, type Location } from './location.ts';
import { isSame, type Locations } from './locations.ts';
import { mirrorOf } from './mirror.ts';

/** Returns the versions of a location, and how requests are divided between them. */
export function versionsOf(
  location: Location,
  scheme: 'http' | 'https',
  { canaries, byHost }: Locations,
  context: Context,
): { readonly body: RouteBody; readonly comments: readonly string[] } {
  const { ingress, backend } = location;
  const { report, place } = context;
  const names = new Names();
  const main = names.give(backend.service);
  const at = (of: Ingress, to: Backend) => endpointsOf(of, to, scheme, context);
  const found = canaries.find(
    (other) => isSame(other, location) && !isSameBackend(other, location),
  );
  const canary = found && names.give(found.backend.service);
  const mirrored = mirrorOf(ingress.annotations, names, report);
  const copies = mirrored === undefined ? {} : { [mirrored.name]: mirrored.version };
  const mirror = mirrored === undefined ? {} : { mirror: mirrored.mirror };
  if (found === undefined || canary === undefined) {
    const versions = { [main]: at(ingress, backend), ...copies };
    return { body: { versions, ...mirror }, comments: [] };
  }
  const division = divisionOf(found.ingress.annotations, main, canary, report);
  tellShared(location, found, byHost, report);
  const owner = `${fullName(found.ingress.object)} (${place(found.ingress.object)})`;
  return {
    comments: [
      `Canary: ${owner}. ingress-nginx drew anew for each request; here a user keeps a version.`,
      'unit: request is the old way.',
    ],
    body: {
      versions: {
        [main]: { ...at(ingress, backend), weight: division.mainWeight },
        [canary]: { ...at(found.ingress, found.backend), weight: division.canaryWeight },
        ...copies,
      },
      unit: 'issue',
      salt: saltOf(fullName(found.ingress.object)),
      ...(division.audiences.length === 0 ? {} : { audiences: [...division.audiences] }),
      ...mirror,
    },
  };
}

/** There a canary belongs to the Service of its main Ingress, and so to all places that name it. */
function tellShared(
  main: Location,
  canary: Location,
  byHost: Locations['byHost'],
  report: Report,
): void {
  const others = [...byHost.values()]
    .flat()
    .filter((other) => other !== main && isSameBackend(other, main));
  const [other] = others;
  if (other === undefined) return;
  report({
    code: 'TN6006',
    message: `ingress-nginx sends requests of ${other.host}${other.path} to the canary ${fullName(canary.ingress.object)} too, because both name the Service ${main.backend.service}; here it gets those of ${main.host}${main.path} alone`,
    span: canary.span,
  });
}

/** Returns where a version is: by the number of its port; else by its name, which the API knows. */
function endpointsOf(
  { object: { namespace } }: Ingress,
  { service, port, span }: Backend,
  scheme: 'http' | 'https',
  { portOf, report }: Context,
): WrittenVersion {
  const number = portOf(namespace, service, port);
  if (number !== undefined)
    return { url: `${scheme}://${serviceHost(namespace, service)}:${number}` };
  const hint = 'kubectl get ingress,service -A -o yaml has its number';
  if (port.kind === 'name') {
    const message = `port "${port.name}" of the Service ${service} is known by name alone: its endpoints are read from the API, which needs rights`;
    report({ code: 'TN6006', message, hint, span });
    const its = namespace === '' ? {} : { namespace };
    const protocol = scheme === 'https' ? { protocol: scheme } : {};
    return { service: { name: service, ...its, port: port.name, ...protocol } };
  }
  const usualPort = scheme === 'https' ? 443 : 80;
  const message = `the port of the Service ${service} is not said: ${usualPort} is written`;
  report({ code: 'TN6009', message, hint, span });
  return { url: `${scheme}://${serviceHost(namespace, service)}:${usualPort}` };
}
