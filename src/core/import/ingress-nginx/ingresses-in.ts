import type { Report } from '../finding.ts';
import { byAge, fullName, type KubeObject } from '../kube-object.ts';
import { placeOf } from '../value.ts';
import { type Ingress, ingressOf } from './ingress.ts';

/**
 * Returns the Ingresses among objects, the oldest first. What else there is, Services apart, is
 * told, and so is a second class: it may belong to another controller.
 */
export function ingressesIn(objects: readonly KubeObject[], report: Report): readonly Ingress[] {
  const found: Ingress[] = [];
  for (const object of byAge(objects)) {
    if (isIngress(object)) found.push(ingressOf(object));
    else if (object.kind !== 'Service') tellOther(object, report);
  }
  tellClasses(found, report);
  return found;
}

function isIngress({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Ingress' && apiVersion === 'networking.k8s.io/v1';
}

function tellOther(object: KubeObject, report: Report): void {
  const { kind, apiVersion, tree } = object;
  const remedy = 'only Ingresses of networking.k8s.io/v1 are: kubectl get ingress -o yaml';
  report({
    code: 'TN6001',
    message: `${kind || 'an object'} ${fullName(object)} of ${apiVersion || 'no apiVersion'} is not translated`,
    hint: kind === 'Ingress' ? remedy : undefined,
    span: placeOf(tree, ['kind']),
  });
}

function tellClasses(ingresses: readonly Ingress[], report: Report): void {
  const [first, ...others] = ingresses.filter(({ className }) => className !== '');
  for (const { object, className } of others) {
    if (className === first?.className) continue;
    report({
      code: 'TN6006',
      message: `${fullName(object)} has the class "${className}", others have "${first?.className}": all are translated into one document`,
      hint: 'take those of another controller out',
      span: placeOf(object.tree, ['spec', 'ingressClassName']),
    });
  }
}

/** Certificates are no rules: says where they belong. */
export function tellTls(ingresses: readonly Ingress[], report: Report): void {
  for (const { object, tls } of ingresses) {
    for (const { hosts, secret, span } of tls) {
      const names = hosts.length === 0 ? 'all its hosts' : hosts.join(', ');
      report({
        code: 'TN6002',
        message: `tls of ${fullName(object)} for ${names} is not in the document: certificates are settings of the process`,
        hint: `mount the Secret ${secret || 'of the certificate'} and name tls.crt and tls.key with --tls-cert and --tls-key`,
        span,
      });
    }
  }
}
