import type { Span } from '#core/document/finding';
import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import type { WrittenVersion } from '../imported-route.ts';
import { type PortOf, serviceHost } from '../services.ts';
import { isTrueAt, numberAt, placeOf, textAt } from '../value.ts';
import {
  type DestinationRule,
  type DestinationRules,
  policyAt,
  type Subset,
} from './destination-rules.ts';
import { tellFields } from './fields.ts';
import { fullHost, type ServiceName, serviceOf } from './hosts.ts';
import { podLabelOf } from './pod-label.ts';

/** Where a destination leads. */
export interface Destination {
  /** The same for two that are one: host, subset and port. */
  readonly key: string;
  /** What a version of it is called, if nothing else is. */
  readonly name: string;
  readonly rule: DestinationRule | undefined;
  readonly subset: Subset | undefined;
  /** As a version is written, without weight and headers; undefined: it cannot be said. */
  readonly version: WrittenVersion | undefined;
  /** The label that tells its pods apart; undefined: none does. */
  readonly podLabel: string | undefined;
  readonly span: Span;
}

export interface DestinationContext {
  readonly namespace: string;
  readonly rules: DestinationRules;
  readonly portOf: PortOf;
  readonly report: Report;
}

/** Returns where a Destination leads; undefined where it names no host. */
export function destinationOf(tree: Tree, context: DestinationContext): Destination | undefined {
  const { namespace, rules, report } = context;
  const host = textAt(tree, ['host']);
  if (host === undefined) return undefined;
  tellFields(tree, 'Destination', host, report);
  const service = serviceOf(host, namespace);
  const rule = rules.get(fullHost(host, namespace));
  const subsetName = textAt(tree, ['subset']);
  const subset = subsetName === undefined ? undefined : rule?.subsets.get(subsetName);
  const port = portOfDestination(tree, host, service, context);
  const base = {
    key: JSON.stringify([fullHost(host, namespace), subsetName, port]),
    name: subsetName ?? service?.name ?? host,
    rule,
    subset,
    span: placeOf(tree, ['host']),
  };
  const tls = tlsOf(rule, subset, host, report);
  if (subsetName === undefined) {
    const name = service === undefined ? host : serviceHost(service.namespace, service.name);
    const url = `${tls.scheme}://${name}:${port}`;
    return { ...base, version: { url, ...tls.written }, podLabel: undefined };
  }
  const pods = podsOf(base, subsetName, host, report);
  if (pods === undefined || service === undefined) {
    return { ...base, version: undefined, podLabel: undefined };
  }
  const written = {
    service: {
      name: service.name,
      ...(service.namespace === '' ? {} : { namespace: service.namespace }),
      port,
      ...(tls.scheme === 'https' ? { protocol: tls.scheme } : {}),
      ...(pods.value === subsetName ? {} : { label: pods.value }),
    },
    ...tls.written,
  };
  return { ...base, version: written, podLabel: pods.key };
}

/** The pods of a subset, by one label of theirs; undefined, and told, where none says which they are. */
function podsOf(
  { rule, subset, span }: Pick<Destination, 'rule' | 'subset' | 'span'>,
  name: string,
  host: string,
  report: Report,
) {
  const label = rule && subset && podLabelOf(rule, subset);
  if (label === undefined) {
    const why =
      subset === undefined
        ? 'no DestinationRule in this text has it'
        : 'none of its labels tells its pods from those of the others';
    report({
      code: 'TN6004',
      message: `subset "${name}" of ${host} cannot be found: ${why}; the route answers 503`,
      hint: 'kubectl get virtualservice,destinationrule,service -A -o yaml has all of it',
      span,
    });
    return undefined;
  }
  if (label.hasMore) {
    report({
      code: 'TN6006',
      message: `subset "${name}" of ${host} has several labels: ${label.key} alone is looked at`,
      span: subset === undefined ? span : placeOf(subset.tree, ['labels']),
    });
  }
  return label;
}

function portOfDestination(
  tree: Tree,
  host: string,
  service: ServiceName | undefined,
  { portOf, report }: DestinationContext,
): number {
  const number = numberAt(tree, ['port', 'number']);
  if (number !== undefined) return number;
  const known = service && portOf(service.namespace, service.name, { kind: 'only' });
  if (known !== undefined) return known;
  report({
    code: 'TN6009',
    message: `the port of ${host} is not said, and its Service is not in this text, or has several: 80 is written`,
    hint: 'kubectl get virtualservice,destinationrule,service -A -o yaml has all of it',
    span: placeOf(tree, ['host']),
  });
  return 80;
}

/** How a destination is spoken to. The mesh's own TLS is none of ours: Turnout is not in it. */
function tlsOf(
  rule: DestinationRule | undefined,
  subset: Subset | undefined,
  host: string,
  report: Report,
): { readonly scheme: 'http' | 'https'; readonly written: Pick<WrittenVersion, 'tls'> } {
  const tls = policyAt(rule, subset, ['tls']);
  const mode = tls === undefined ? 'DISABLE' : (textAt(tls, ['mode']) ?? 'DISABLE');
  if (tls === undefined || mode === 'DISABLE') return { scheme: 'http', written: {} };
  const span = placeOf(tls);
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') {
    report({
      code: 'TN6002',
      message: `tls ${mode} of ${host} is not translated: Turnout has no certificate of the mesh, and speaks plain HTTP`,
      hint: 'give Turnout a sidecar, or let its namespace in with PeerAuthentication',
      span,
    });
    return { scheme: 'http', written: {} };
  }
  for (const key of [
    'caCertificates',
    'clientCertificate',
    'privateKey',
    'credentialName',
    'subjectAltNames',
  ]) {
    if (!tls.children.has(key)) continue;
    report({
      code: 'TN6002',
      message: `tls.${key} of ${host} is not translated: it names what the other proxy has`,
      hint: 'mount the files and name them in tls: {ca, cert, key}',
      span: placeOf(tls, [key]),
    });
  }
  const serverName = textAt(tls, ['sni']);
  const written = {
    ...(serverName === undefined ? {} : { serverName }),
    ...(isTrueAt(tls, ['insecureSkipVerify']) ? { verify: false } : {}),
  };
  return { scheme: 'https', written: Object.keys(written).length === 0 ? {} : { tls: written } };
}
