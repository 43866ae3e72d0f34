import type { Tree } from '#core/document/tree';
import type { ImportCode } from '../codes.ts';
import type { Report } from '../finding.ts';
import { placeOf } from '../value.ts';

/** What becomes of a field that is not translated; undefined: it is read. */
export interface FieldFate {
  readonly code: ImportCode;
  /** The field stands before it. */
  readonly why: string;
  readonly hint?: string;
}

type Fates = Readonly<Record<string, FieldFate | undefined>>;

const read = undefined;
const lost = (why: string, hint?: string): FieldFate => ({
  code: 'TN6002',
  why: `is not translated: ${why}`,
  ...(hint === undefined ? {} : { hint }),
});
const needless = (why: string): FieldFate => ({ code: 'TN6007', why: `is not needed: ${why}` });

/** Every field of the objects that are read, by the object it stands in. docs/reference/import.md has them all. */
export const fields = {
  VirtualService: {
    hosts: read,
    http: read,
    gateways: needless('what comes to Turnout is looked at, whichever gateway it came by'),
    exportTo: needless('there is one document'),
    tls: lost('Turnout reads requests, so it has to end TLS itself'),
    tcp: lost('Turnout speaks HTTP'),
  },
  HTTPRoute: {
    name: read,
    match: read,
    route: read,
    redirect: read,
    directResponse: read,
    delegate: read,
    rewrite: read,
    timeout: read,
    retries: read,
    fault: read,
    mirror: read,
    mirrors: read,
    mirrorPercentage: read,
    mirrorPercent: read,
    headers: read,
    corsPolicy: lost(
      'Turnout answers no preflight requests',
      'headers.response sets fields; preflights go to the service',
    ),
    rateLimit: {
      code: 'TN6003',
      why: 'is not translated: clients may send as much as they like',
    },
  },
  HTTPRetry: {
    attempts: read,
    retryOn: read,
    perTryTimeout: read,
    backoff: needless('retries wait for a time of their own'),
    retryRemoteLocalities: needless('localities are not told apart'),
    retryIgnorePreviousHosts: needless('another endpoint is asked where there is one'),
  },
  Destination: { host: read, subset: read, port: read },
  HTTPRouteDestination: { destination: read, weight: read, headers: read },
  DestinationRule: {
    host: read,
    trafficPolicy: read,
    subsets: read,
    exportTo: needless('there is one document'),
    workloadSelector: lost('it is about single clients'),
  },
  TrafficPolicy: {
    connectionPool: read,
    outlierDetection: read,
    loadBalancer: read,
    tls: read,
    portLevelSettings: lost('what is said of the whole counts for every port'),
    tunnel: lost('Turnout makes no CONNECT tunnels'),
    proxyProtocol: lost('Turnout writes no PROXY header'),
    retryBudget: lost('the budget of retries is 20 %', 'retries: {budget: …} of a route'),
  },
  TcpSettings: {
    maxConnections: read,
    connectTimeout: read,
    maxConnectionDuration: lost('connections to versions have no age'),
    idleTimeout: lost('idle connections to versions are closed by a time of their own'),
    tcpKeepalive: needless('the system looks after idle connections'),
  },
  HTTPSettings: {
    http1MaxPendingRequests: read,
    http2MaxRequests: read,
    maxRequestsPerConnection: lost('a connection carries as many requests as its version lets it'),
    maxRetries: lost('the budget of retries is 20 %', 'retries: {budget: …} of a route'),
    idleTimeout: lost('idle connections to versions are closed by a time of their own'),
    h2UpgradePolicy: lost('versions are spoken to over HTTP/1.1'),
    useClientProtocol: lost('versions are spoken to over HTTP/1.1'),
    maxConcurrentStreams: lost('versions are spoken to over HTTP/1.1'),
  },
  OutlierDetection: {
    consecutive5xxErrors: read,
    consecutiveGatewayErrors: read,
    consecutiveErrors: read,
    baseEjectionTime: read,
    maxEjectionPercent: read,
    interval: needless('failures are counted as they come'),
    splitExternalLocalOriginErrors: lost('both kinds count alike'),
    consecutiveLocalOriginFailures: lost('both kinds count alike'),
    minHealthPercent: lost('below half of the endpoints all are used'),
  },
} as const satisfies Record<string, Fates>;

/** Tells every field of an object that nothing is made of. `where` says what it belongs to. */
export function tellFields(
  tree: Tree,
  kind: keyof typeof fields,
  where: string,
  report: Report,
): void {
  const known: Fates = fields[kind];
  for (const [name, child] of tree.children) {
    if (child.value === null || (name in known && known[name] === read)) continue;
    const span = placeOf(tree, [name]);
    const fate = known[name];
    if (fate === undefined) {
      report({
        code: 'TN6008',
        message: `${name} of ${where} is not known: nothing was made of it`,
        span,
      });
    } else {
      report({
        code: fate.code,
        message: `${name} of ${where} ${fate.why}`,
        hint: fate.hint,
        span,
      });
    }
  }
}
