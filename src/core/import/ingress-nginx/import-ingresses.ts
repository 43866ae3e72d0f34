import type { Report } from '../finding.ts';
import type { Imported } from '../imported-route.ts';
import type { KubeObject } from '../kube-object.ts';
import { portsIn } from '../services.ts';
import type { Context } from './context.ts';
import { routesOfHost } from './host-routes.ts';
import { ingressesIn, tellTls } from './ingresses-in.ts';
import { tellLeftCanaries } from './left-canaries.ts';
import { locationsOf } from './locations.ts';
import { usual } from './settings.ts';
import { tellAnnotations } from './told-annotations.ts';

/** Translates Ingresses as ingress-nginx understands them. Other objects are told, Services are looked up. */
export function importIngresses(
  objects: readonly KubeObject[],
  place: (object: KubeObject) => string,
  report: Report,
): Imported {
  const context: Context = { place, report, portOf: portsIn(objects) };
  const ingresses = ingressesIn(objects, report);
  tellTls(ingresses, report);
  for (const ingress of ingresses) tellAnnotations(ingress, report);
  const locations = locationsOf(ingresses, report);
  const routes = [...locations.byHost].flatMap(([host, ofHost]) =>
    routesOfHost(host, ofHost, locations, ingresses, context),
  );
  tellLeftCanaries(locations, report);
  return {
    routes,
    defaults: usual,
    comments: [
      'Translated from Ingresses of ingress-nginx by `turnout import ingress-nginx`.',
      'The defaults are what that controller does where nothing is said.',
    ],
  };
}
