import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import type { RouteBody } from '../imported-route.ts';
import { fullName } from '../kube-object.ts';
import { numberAt, placeOf, textAt, treeAt } from '../value.ts';
import { policyAt } from './destination-rules.ts';
import type { Destination } from './destinations.ts';
import { tellFields } from './fields.ts';
import { durationAt } from './go-duration.ts';

type Policy = Pick<RouteBody, 'limits' | 'timeouts' | 'ejection' | 'unit'>;

/**
 * Returns what the traffic policies of destinations say of a route. They hold for each of its
 * versions: where two say different things, the first counts and it is told.
 */
export function policyOf(destinations: readonly Destination[], report: Report): Policy {
  const [first, ...others] = destinations;
  if (first === undefined) return {};
  for (const one of destinations) tellPolicy(one, report);
  const policy = policyOfOne(first);
  for (const other of others) {
    if (JSON.stringify(policyOfOne(other)) === JSON.stringify(policy)) continue;
    report({
      code: 'TN6006',
      message: `the traffic policy of ${other.name} is not that of ${first.name}: a route has one, that of ${first.name}`,
      span: other.span,
    });
  }
  return policy;
}

function policyOfOne({ rule, subset }: Destination): Policy {
  const at = (...path: readonly string[]) => policyAt(rule, subset, path);
  const limits = {
    ...count('connections', at('connectionPool', 'tcp', 'maxConnections')),
    ...count('waiting', at('connectionPool', 'http', 'http1MaxPendingRequests')),
    ...count('inFlight', at('connectionPool', 'http', 'http2MaxRequests')),
  };
  const tcp = at('connectionPool', 'tcp');
  const connect = tcp && durationAt(tcp, ['connectTimeout']);
  const ejection = ejectionOf(at('outlierDetection'));
  const unit = unitOf(at('loadBalancer', 'consistentHash'));
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(connect === undefined ? {} : { timeouts: { connect } }),
    ...(ejection === undefined ? {} : { ejection }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function count(key: string, value: Tree | undefined): Readonly<Record<string, number>> {
  const number = value?.value;
  // 2^31 - 1 is how Istio says that there is no limit.
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1) return {};
  return { [key]: Math.min(number, 1_000_000) };
}

/** Of the kinds of errors the one that Turnout counts: no answer, and answers of 5xx. */
function ejectionOf(detection: Tree | undefined): RouteBody['ejection'] | undefined {
  if (detection === undefined) return undefined;
  const errors =
    numberAt(detection, ['consecutive5xxErrors']) ??
    numberAt(detection, ['consecutiveGatewayErrors']) ??
    numberAt(detection, ['consecutiveErrors']) ??
    5;
  if (errors < 1) return 'off';
  const span = durationAt(detection, ['baseEjectionTime']);
  const max = numberAt(detection, ['maxEjectionPercent']);
  return {
    failures: Math.min(1_000, errors),
    ...(span === undefined ? {} : { for: span }),
    ...(max === undefined || max < 0 || max > 100 ? {} : { max: `${max}%` }),
  };
}

/** Who is hashed there to one endpoint is the user here, who keeps one version. */
function unitOf(hash: Tree | undefined): RouteBody['unit'] {
  if (hash === undefined) return undefined;
  const header = textAt(hash, ['httpHeaderName']);
  const cookie = textAt(hash, ['httpCookie', 'name']);
  const query = textAt(hash, ['httpQueryParameterName']);
  if (header !== undefined) return [`header:${header}`, 'issue'];
  if (cookie !== undefined) return [`cookie:${cookie}`, 'issue'];
  return query === undefined ? undefined : [`query:${query}`, 'issue'];
}

/** Balancers that choose much as Turnout does. */
const alike: readonly string[] = ['LEAST_REQUEST', 'LEAST_CONN', 'UNSPECIFIED'];

function tellPolicy({ rule, subset }: Destination, report: Report): void {
  if (rule === undefined) return;
  const name = fullName(rule.object);
  for (const policy of [
    treeAt(rule.object.tree, ['spec', 'trafficPolicy']),
    subset && treeAt(subset.tree, ['trafficPolicy']),
  ]) {
    if (policy === undefined) continue;
    tellFields(policy, 'TrafficPolicy', name, report);
    const tcp = treeAt(policy, ['connectionPool', 'tcp']);
    const http = treeAt(policy, ['connectionPool', 'http']);
    const detection = treeAt(policy, ['outlierDetection']);
    if (tcp !== undefined) tellFields(tcp, 'TcpSettings', name, report);
    if (http !== undefined) tellFields(http, 'HTTPSettings', name, report);
    if (detection !== undefined) tellFields(detection, 'OutlierDetection', name, report);
    tellBalancer(policy, name, report);
  }
}

function tellBalancer(policy: Tree, name: string, report: Report): void {
  const balancer = treeAt(policy, ['loadBalancer']);
  if (balancer === undefined) return;
  const span = placeOf(policy, ['loadBalancer']);
  if (treeAt(balancer, ['consistentHash']) !== undefined) {
    const message = `consistentHash of ${name} keeps a client at one endpoint, which Turnout does not: what is hashed becomes the unit, and a user keeps one version`;
    report({ code: 'TN6006', message, span });
    return;
  }
  const simple = textAt(balancer, ['simple']) ?? 'another one';
  if (alike.includes(simple)) return;
  const message = `loadBalancer ${simple} of ${name} is not needed: of two endpoints the less busy one is chosen`;
  report({ code: 'TN6007', message, span });
}
