import type { KubeObject } from '../kube-object.ts';
import { textsAt } from '../value.ts';

const clusterDomain = 'svc.cluster.local';

/** A Service that a host of Istio stands for. */
export interface ServiceName {
  readonly name: string;
  /** '' where none is said. */
  readonly namespace: string;
}

/** Returns the Service of a host: a short name is one of the namespace that it is written in. */
export function serviceOf(host: string, namespace: string): ServiceName | undefined {
  if (/^[a-z0-9-]+$/.test(host)) return { name: host, namespace };
  const [, name, its] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?$/.exec(host) ?? [];
  return name === undefined || its === undefined ? undefined : { name, namespace: its };
}

/** Returns the name by which rules of one host find each other. */
export function fullHost(host: string, namespace: string): string {
  const service = serviceOf(host, namespace);
  return service === undefined ? host : `${service.name}.${service.namespace}.${clusterDomain}`;
}

/**
 * Returns the hosts that a VirtualService is about as clients write them; none: every host.
 *
 * A Service of the mesh is called by several names, all of which Istio listens to.
 */
export function hostsOf({ tree, namespace }: KubeObject): readonly string[] {
  const hosts = textsAt(tree, ['spec', 'hosts']).map((host) => host.toLowerCase());
  if (hosts.includes('*')) return [];
  return [...new Set(hosts.flatMap((host) => namesOf(host, namespace)))];
}

function namesOf(host: string, namespace: string): readonly string[] {
  const service = serviceOf(host, namespace);
  if (service === undefined || service.namespace === '') return [host];
  const within = `${service.name}.${service.namespace}`;
  const short = service.namespace === namespace ? [service.name] : [];
  return [...short, within, `${within}.svc`, `${within}.${clusterDomain}`];
}
