import type { Report } from '../finding.ts';
import { fullName } from '../kube-object.ts';
import { type Backend, type Ingress, isCanary } from './ingress.ts';
import type { Location } from './location.ts';

/** What Ingresses take: by host, and what is left over. */
export interface Locations {
  /** Of main Ingresses, by host ('' for every other host), in the order in which the hosts come. */
  readonly byHost: ReadonlyMap<string, readonly Location[]>;
  /** Of canary Ingresses, the oldest first. */
  readonly canaries: readonly Location[];
}

/** Returns the locations of Ingresses, the oldest first: of two equal ones that one counts. */
export function locationsOf(ingresses: readonly Ingress[], report: Report): Locations {
  const byHost = new Map<string, Location[]>();
  const canaries: Location[] = [];
  for (const ingress of ingresses) {
    for (const location of ofIngress(ingress, report)) {
      if (isCanary(ingress)) {
        canaries.push(location);
        continue;
      }
      const ofHost = byHost.get(location.host) ?? [];
      byHost.set(location.host, ofHost);
      const first = ofHost.find((other) => isSame(other, location));
      if (first === undefined) ofHost.push(location);
      else tellSecond(location, first, report);
    }
  }
  addDefaults(ingresses, byHost, report);
  return { byHost, canaries };
}

export function isSame(a: Location, b: Location): boolean {
  return a.host === b.host && a.path === b.path && a.type === b.type;
}

/** The default backend of a canary is one of the catch-all; that of a main Ingress comes last. */
function ofIngress(ingress: Ingress, report: Report): readonly Location[] {
  const { defaultBackend, rules } = ingress;
  const found = rules.flatMap(({ host, paths }) =>
    paths.flatMap((path) => {
      const { backend } = path;
      if (backend !== undefined) return [{ ...path, ingress, host, backend }];
      report({
        code: 'TN6005',
        message: `${path.path} of ${fullName(ingress.object)} is left out: its backend is no Service`,
        span: path.span,
      });
      return [];
    }),
  );
  if (defaultBackend === undefined || !isCanary(ingress)) return found;
  return [...found, catchAll(ingress, defaultBackend, '')];
}

function catchAll(ingress: Ingress, backend: Backend, host: string): Location {
  return { path: '/', type: 'Prefix', backend, span: backend.span, ingress, host };
}

function tellSecond(location: Location, first: Location, report: Report): void {
  const { ingress, host, path, span } = location;
  report({
    code: 'TN6005',
    message: `${host}${path} of ${fullName(ingress.object)} is left out: ${fullName(first.ingress.object)} has it, and is older or stands before it`,
    span,
  });
}

/**
 * Adds what takes requests that no path does: the default backend of an Ingress for each of its
 * hosts, and for hosts that nobody has.
 */
function addDefaults(
  ingresses: readonly Ingress[],
  byHost: Map<string, Location[]>,
  report: Report,
): void {
  for (const ingress of ingresses.filter((one) => !isCanary(one))) {
    const { defaultBackend, rules } = ingress;
    if (defaultBackend === undefined) continue;
    for (const host of new Set([...rules.map((rule) => rule.host), ''])) {
      const added = catchAll(ingress, defaultBackend, host);
      const ofHost = byHost.get(host) ?? [];
      const taken = ofHost.find(({ path, type }) => path === '/' && type !== 'Exact');
      if (taken === undefined) byHost.set(host, [...ofHost, added]);
      else if (rules.length === 0) tellSecond(added, taken, report);
    }
  }
}
