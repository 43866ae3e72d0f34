import type { MirrorRule, VersionRule } from '#core/routing/rules';
import type { RequestMirror } from './filter-schema.ts';
import { headersOfBackend } from './filters.ts';
import type { Path, Report } from './finding.ts';
import type { ObjectReference } from './object-reference.ts';
import type { BackendRef } from './schema.ts';
import { type Destination, destination, type Services } from './services.ts';
import { VersionNames } from './version-names.ts';

/** What the references of an object are looked up in. */
export interface Surroundings {
  readonly namespace: string;
  /** The object's own come first. */
  readonly services: readonly Services[];
}

export interface MeantBackends {
  readonly versions: readonly VersionRule[];
  readonly mirror: Pick<MirrorRule, 'to' | 'percent'> | undefined;
}

/**
 * Returns the versions that a rule splits between, by the names of its backends, and the one
 * that gets copies. What leads nowhere keeps its share, which is answered with 500; so is
 * everything where nobody has a weight.
 */
export function meantBackends(
  backendRefs: readonly BackendRef[],
  mirror: { readonly filter: RequestMirror; readonly path: Path } | undefined,
  around: Surroundings,
  path: Path,
  report: Report,
): MeantBackends {
  const names = new VersionNames();
  const versions = backendRefs.map((backend, index) => {
    const place = [...path, 'backendRefs', index];
    const { weight = 1, filters = [] } = backend;
    const headers = headersOfBackend(filters, [...place, 'filters'], report);
    const to = destination(backend, around.namespace, around.services);
    if (to.kind === 'nowhere') {
      const says = `leads nowhere: ${to.why}; what it gets is answered with 500`;
      report({ code: 'TN3029', severity: 'warning', path: place, says, hint: hintOf(backend) });
    }
    return { ...version(names.of(backend), weight, to), headers };
  });
  const hasSomebody = versions.some(({ weight }) => weight > 0);
  const nobody = hasSomebody ? [] : [nothing(backendRefs, names, path, report)];
  const copies = mirror && mirrorVersion(mirror.filter, mirror.path, around, names, report);
  return {
    versions: [...versions, ...nobody, ...(copies === undefined ? [] : [copies])],
    mirror: mirror && copies && { to: copies.name, percent: percentOf(mirror.filter) },
  };
}

/** Stands for what a rule does not name. */
function nothing(
  backendRefs: readonly BackendRef[],
  names: VersionNames,
  path: Path,
  report: Report,
): VersionRule {
  const isEmpty = backendRefs.length === 0;
  const why = isEmpty ? 'the rule names no backendRefs' : 'no backendRef has a weight';
  const says = `leads nowhere: ${why}; what it gets is answered with 500`;
  const place = isEmpty ? path : [...path, 'backendRefs'];
  report({ code: 'TN3029', severity: 'warning', path: place, says });
  return version(names.free('none'), 1, { kind: 'nowhere', why });
}

function mirrorVersion(
  { backendRef }: RequestMirror,
  path: Path,
  { namespace, services }: Surroundings,
  names: VersionNames,
  report: Report,
): VersionRule | undefined {
  const to = destination(backendRef, namespace, services);
  if (to.kind === 'urls') return version(names.of(backendRef), 0, to);
  report({
    code: 'TN3029',
    severity: 'warning',
    path: [...path, 'requestMirror', 'backendRef'],
    says: `leads nowhere: ${to.why}; nothing is copied`,
    hint: hintOf(backendRef),
  });
  return undefined;
}

function version(name: string, weight: number, to: Destination): VersionRule {
  const rest = {
    name,
    slot: name,
    service: undefined,
    isTerminating: false,
    trouble: '',
    weight,
    state: 'active',
    headers: undefined,
  } as const;
  return to.kind === 'urls'
    ? { ...rest, urls: to.urls, tls: undefined }
    : { ...rest, urls: [], tls: undefined, invalid: to.why };
}

function hintOf({ namespace, name }: ObjectReference): string {
  const known = namespace === undefined ? name : `${namespace}/${name}`;
  return `services: {${known}: "http://host:port"} says where it is`;
}

function percentOf({ percent, fraction }: RequestMirror): number {
  if (fraction === undefined) return percent ?? 100;
  return (fraction.numerator / (fraction.denominator ?? 100)) * 100;
}
