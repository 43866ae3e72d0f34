import { serviceText } from '#core/routing/service-text';
import type { Finding } from '../finding.ts';
import { at, type Path, pathText, placeText } from '../path-text.ts';
import { type Check, type Checked, type CheckedRoute, keySpanAt, lineAt, spanAt } from './check.ts';

/** Pods are told apart where a service has them, and no two versions have the same ones. */
export const services: Check = (checked) =>
  checked.routes.flatMap((route) => [
    ...idleVersionFrom(checked, route),
    ...idleLabels(checked, route),
    ...samePods(checked, route),
    ...namelessCertificates(checked, route),
  ]);

function idleVersionFrom(checked: Checked, { index, rule }: CheckedRoute): readonly Finding[] {
  const path: Path = ['routes', index, 'versionFrom'];
  if (rule === undefined || at(checked.tree, path) === undefined) return [];
  // Beside redirect there is no version at all, which is told already.
  if (rule.versions.length === 0 || rule.versions.some(({ service }) => service !== undefined))
    return [];
  return [
    {
      code: 'TN3040',
      message: `${placeText(['routes', index], checked.tree)} has versionFrom, but no version of it has a service`,
      hint: 'it tells apart the pods of a service: {name: shop, port: 8080}',
      span: keySpanAt(checked, path),
    },
  ];
}

function idleLabels(checked: Checked, { index, rule }: CheckedRoute): readonly Finding[] {
  return (rule?.versions ?? []).flatMap(({ name, service }) => {
    const path: Path = ['routes', index, 'versions', name, 'service', 'label'];
    if (service?.podLabel !== undefined || at(checked.tree, path) === undefined) return [];
    return [
      {
        code: 'TN3041',
        message: `${pathText(path)} does nothing: no versionFrom says which label of the pods it is`,
        hint: 'versionFrom: {podLabel: version} in the route',
        span: spanAt(checked, path),
      } satisfies Finding,
    ];
  });
}

/** Both would get requests for the same pods, so that a split of them says nothing. */
function samePods(checked: Checked, { index, rule }: CheckedRoute): readonly Finding[] {
  const first = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { name, service } of rule?.versions ?? []) {
    if (service === undefined) continue;
    const text = serviceText(service);
    const other = first.get(text);
    if (other === undefined) {
      first.set(text, name);
      continue;
    }
    const path: Path = ['routes', index, 'versions', name];
    findings.push({
      code: 'TN3042',
      severity: 'warning',
      message: `${pathText(path)} has the endpoints that ${other} (line ${lineAt(checked, ['routes', index, 'versions', other])}) has: ${text}`,
      hint:
        service.podLabel === undefined
          ? 'versionFrom: {podLabel: version} tells the pods of one service apart'
          : 'each version needs a label of its own',
      span: spanAt(checked, [...path, 'service']),
    });
  }
  return findings;
}

/** Pods are spoken to by address, which few certificates have. */
function namelessCertificates(checked: Checked, { index, rule }: CheckedRoute): readonly Finding[] {
  return (rule?.versions ?? []).flatMap(({ name, service, tls }) => {
    if (service?.protocol !== 'https') return [];
    if (tls?.serverName !== undefined || tls?.verify === false) return [];
    const path: Path = ['routes', index, 'versions', name, 'service', 'protocol'];
    return [
      {
        code: 'TN3043',
        severity: 'warning',
        message: `${pathText(path)} is https, and no tls.serverName says which name the certificates of its pods have`,
        hint: `without one they must have the addresses of the pods; tls: {serverName: ${service.name}.${service.namespace ?? 'NAMESPACE'}.svc}`,
        span: spanAt(checked, path),
      } satisfies Finding,
    ];
  });
}
