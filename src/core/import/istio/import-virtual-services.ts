import type { Report } from '../finding.ts';
import type { Imported } from '../imported-route.ts';
import { byAge, fullName, type KubeObject } from '../kube-object.ts';
import { portsIn } from '../services.ts';
import { placeOf, textsAt, treeAt } from '../value.ts';
import { destinationRulesIn } from './destination-rules.ts';
import { tellFields } from './fields.ts';
import { routesOf } from './routes.ts';

/** Translates VirtualServices, with what DestinationRules and Services beside them say. */
export function importVirtualServices(
  objects: readonly KubeObject[],
  place: (object: KubeObject) => string,
  report: Report,
): Imported {
  const sorted = byAge(objects);
  const ofKind = (kind: string) =>
    sorted.filter((object) => isIstio(object) && object.kind === kind);
  for (const object of sorted) tellOther(object, report);
  const rules = destinationRulesIn(ofKind('DestinationRule'), report);
  const portOf = portsIn(objects);
  const routes = ofKind('VirtualService').flatMap((object) => {
    const spec = treeAt(object.tree, ['spec']);
    if (spec !== undefined) tellFields(spec, 'VirtualService', fullName(object), report);
    const { namespace } = object;
    // Without hosts it is no rule for every host, but one that others delegate to.
    if (textsAt(object.tree, ['spec', 'hosts']).length === 0) {
      const message = `${fullName(object)} is left out: it has no hosts`;
      const hint = 'what delegates to it answers 503: write these routes there';
      report({ code: 'TN6005', message, hint, span: placeOf(object.tree, ['metadata', 'name']) });
      return [];
    }
    return routesOf(object, place(object), { namespace, rules, portOf, report });
  });
  return {
    routes,
    defaults: undefined,
    comments: [
      'Translated from VirtualServices of Istio by `turnout import istio`.',
      'Istio draws a version anew for each request; here a user keeps one. unit: request is the old way.',
    ],
  };
}

const versions = /^networking\.istio\.io\/v1(?:beta1|alpha3)?$/;
const read: readonly string[] = ['VirtualService', 'DestinationRule'];

function isIstio({ apiVersion, kind }: KubeObject): boolean {
  return versions.test(apiVersion) && read.includes(kind);
}

function tellOther(object: KubeObject, report: Report): void {
  if (isIstio(object) || object.kind === 'Service') return;
  const { kind, apiVersion, tree } = object;
  report({
    code: 'TN6001',
    message: `${kind || 'an object'} ${fullName(object)} of ${apiVersion || 'no apiVersion'} is not translated`,
    span: placeOf(tree, ['kind']),
  });
}
