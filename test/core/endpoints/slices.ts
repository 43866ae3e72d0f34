import type {
  EndpointSlice,
  KubernetesObject,
  Service,
  ServicePort,
  SliceEndpoint,
} from '#core/kubernetes/objects';
import type { ServiceRule } from '#core/routing/rules';

/** The Service `shop` at its port `http`, unless the test says otherwise. */
export function shop(rest: Partial<ServiceRule> = {}): ServiceRule {
  return {
    name: 'shop',
    namespace: undefined,
    port: 'http',
    protocol: 'http',
    podLabel: undefined,
    ...rest,
  };
}

/** A slice of `shop` with its port `http` at 8080. */
export function slice(
  endpoints: EndpointSlice['endpoints'],
  rest: Partial<EndpointSlice> = {},
  of = 'shop',
): EndpointSlice {
  return {
    metadata: {
      name: `${of}-x7k2p`,
      namespace: 'store',
      labels: { 'kubernetes.io/service-name': of },
    },
    addressType: 'IPv4',
    endpoints: endpoints ?? null,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    ...rest,
  };
}

export function ready(address: string, rest: Partial<SliceEndpoint> = {}): SliceEndpoint {
  const conditions = { ready: true, serving: true, terminating: false };
  return { addresses: [address], conditions, ...rest };
}

export function unready(address: string): SliceEndpoint {
  return ready(address, { conditions: { ready: false, serving: false, terminating: false } });
}

/** It terminates, and still serves unless the test says otherwise. */
export function terminating(address: string, serving: boolean | null = true): SliceEndpoint {
  return ready(address, { conditions: { ready: false, serving, terminating: true } });
}

/** The endpoint of a pod. */
export function ofPod(name: string, endpoint: SliceEndpoint, uid: string = name): SliceEndpoint {
  return { ...endpoint, targetRef: { kind: 'Pod', namespace: 'store', name, uid } };
}

export function service(...ports: readonly ServicePort[]): Service {
  return { metadata: { name: 'shop', namespace: 'store' }, spec: { ports } };
}

/** Pods by namespace/name, as a watch has them. */
export function pods(
  labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ReadonlyMap<string, KubernetesObject> {
  return new Map(
    Object.entries(labels).map(([name, own]) => [
      `store/${name}`,
      { metadata: { name, namespace: 'store', uid: name, labels: own } },
    ]),
  );
}
