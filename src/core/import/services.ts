import type { KubeObject } from './kube-object.ts';
import { listAt, numberAt, textAt } from './value.ts';

/** A port of a Service, by its number or its name. */
export type PortWish =
  | { readonly kind: 'number'; readonly port: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'only' };

/** Looks a port up in the Services that stand in the same text; undefined where it is not known. */
export type PortOf = (namespace: string, service: string, wish: PortWish) => number | undefined;

export function portsIn(objects: readonly KubeObject[]): PortOf {
  const services = new Map<string, KubeObject>();
  for (const object of objects) {
    if (object.kind === 'Service' && object.apiVersion === 'v1') {
      services.set(`${object.namespace}/${object.name}`, object);
    }
  }
  return (namespace, service, wish) => {
    if (wish.kind === 'number') return wish.port;
    const object = services.get(`${namespace}/${service}`);
    const ports = object === undefined ? [] : listAt(object.tree, ['spec', 'ports']);
    const isOnly = wish.kind === 'only';
    if (isOnly && ports.length !== 1) return undefined;
    const found = isOnly ? ports[0] : ports.find((port) => textAt(port, ['name']) === wish.name);
    return found === undefined ? undefined : numberAt(found, ['port']);
  };
}

/** Returns where a Service is found in the cluster's DNS. Without a namespace: in Turnout's own. */
export function serviceHost(namespace: string, service: string): string {
  return namespace === '' ? service : `${service}.${namespace}.svc`;
}
