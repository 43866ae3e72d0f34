import type {
  EndpointSlice,
  KubernetesObject,
  Service,
  SliceEndpoint,
} from '#core/kubernetes/objects';
import type { PodLabel, ServiceRule } from '#core/routing/rules';
import { serviceText } from '#core/routing/service-text';
import { portOfSlice, type WantedPort, wantedPort } from './slice-port.ts';

/** What is known of a Service. */
export interface KnownService {
  readonly slices: Iterable<EndpointSlice>;
  /** Undefined: there is none, or nobody may read it. Asked only where the port is a number. */
  readonly service: Service | undefined;
  /** By namespace/name: those that carry the label that is asked for. */
  readonly pods: ReadonlyMap<string, KubernetesObject>;
}

/** The endpoints of a service at one moment. */
export interface ServiceEndpoints {
  /** `http://host:port`, each once, sorted. */
  readonly urls: readonly string[];
  /** All of them are terminating: they serve until they are gone, and none counts as ready. */
  readonly isTerminating: boolean;
  /** Why there are none; '' if there are. */
  readonly trouble: string;
}

/** How an address stands; the last wins where slices do not agree. */
const standings = ['terminating', 'ready'] as const;
type Standing = (typeof standings)[number];

type Family = 'IPv4' | 'IPv6';

/** One of them is used: in a cluster of both they are the same pods. */
const families: readonly Family[] = ['IPv4', 'IPv6'];

/**
 * Returns the endpoints of a service.
 *
 * Those that are ready; where there are none, those that terminate and still serve. Whatever the
 * order of its slices, and in which of them an endpoint is while it moves, the answer is one.
 */
export function serviceEndpoints(rule: ServiceRule, known: KnownService): ServiceEndpoints {
  const port = wantedPort(rule.port, known.service);
  const found: Record<Family, Map<string, Standing>> = { IPv4: new Map(), IPv6: new Map() };
  for (const slice of known.slices) {
    const { addressType } = slice;
    if (addressType === 'FQDN') continue;
    addSlice(found[addressType], slice, { ...rule, port }, known.pods);
  }
  for (const standing of standings.toReversed()) {
    for (const family of families) {
      const urls = [...found[family]].filter(([, one]) => one === standing).map(([url]) => url);
      if (urls.length > 0)
        return { urls: urls.sort(), isTerminating: standing === 'terminating', trouble: '' };
    }
  }
  return { urls: [], isTerminating: false, trouble: whyNone(rule, known, port) };
}

/** Adds those of a slice that take requests, or did until now. */
function addSlice(
  found: Map<string, Standing>,
  slice: EndpointSlice,
  { port, protocol, podLabel }: Wanted,
  pods: KnownService['pods'],
): void {
  const number = portOfSlice(port, slice.ports ?? []);
  if (number === undefined) return;
  const endpoints = slice.endpoints ?? [];
  const wanted =
    podLabel === undefined
      ? endpoints
      : endpoints.filter((endpoint) => carries(endpoint, podLabel, slice, pods));
  for (const endpoint of wanted) {
    // Other addresses of an endpoint have no meaning.
    const [address] = endpoint.addresses;
    const standing = standingOf(endpoint);
    if (address === undefined || standing === undefined) continue;
    const host = slice.addressType === 'IPv6' ? `[${address}]` : address;
    const url = `${protocol}://${host}:${number}`;
    if (found.get(url) !== 'ready') found.set(url, standing);
  }
}

type Wanted = Pick<ServiceRule, 'protocol' | 'podLabel'> & { readonly port: WantedPort };

function standingOf({ conditions }: SliceEndpoint): Standing | undefined {
  const isTerminating = conditions?.terminating ?? false;
  if (!isTerminating) return (conditions?.ready ?? true) ? 'ready' : undefined;
  return (conditions?.serving ?? true) ? 'terminating' : undefined;
}

/** A pod of the same name that is another one now says nothing of the one that the slice means. */
function carries(
  { targetRef }: SliceEndpoint,
  { key, value }: PodLabel,
  { metadata }: EndpointSlice,
  pods: ReadonlyMap<string, KubernetesObject>,
): boolean {
  if (targetRef?.kind !== 'Pod') return false;
  const namespace = targetRef.namespace ?? metadata.namespace;
  const pod = pods.get(`${namespace}/${targetRef.name}`)?.metadata;
  if (pod === undefined) return false;
  const isOther = targetRef.uid != null && pod.uid !== undefined && targetRef.uid !== pod.uid;
  return !isOther && pod.labels?.[key] === value;
}

/** Returns why a service has no endpoint, as a sentence without its end. */
function whyNone(rule: ServiceRule, { slices, service }: KnownService, port: WantedPort): string {
  const text = `service ${serviceText(rule)}`;
  if (port.kind === 'none') return `${text} has no endpoint: the Service has no port ${rule.port}`;
  const all = [...slices];
  const hasSome = all.some(({ endpoints }) => (endpoints ?? []).length > 0);
  const hasPort = all.some((slice) => portOfSlice(port, slice.ports ?? []) !== undefined);
  if (!hasSome || hasPort) return `${text} has no ready endpoint`;
  if (port.kind === 'only' && service === undefined)
    return `${text} has no endpoint: its pods have several ports, and the Service that says which one is meant is not there, or may not be read; write the name of the port`;
  return `${text} has no endpoint: none of its pods has that port`;
}
