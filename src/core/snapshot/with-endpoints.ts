import type { Document } from '#core/document/document';
import type { ServiceEndpoints } from '#core/endpoints/service-endpoints';
import type { RouteRule, ServiceRule, VersionRule } from '#core/routing/rules';

/** Returns what is known of a service; undefined: nothing yet. The same object while nothing changes. */
export type EndpointsOf = (service: ServiceRule) => ServiceEndpoints | undefined;

/** A document, and the same with the endpoints of its services put in. */
export interface WithEndpoints {
  readonly written: Document;
  readonly document: Document;
}

/**
 * Returns a document with the endpoints of its services. Rules without a service are the same
 * objects; so are those of `before` whose endpoints are the same: only what differs is
 * compiled anew.
 */
export function withEndpoints(
  written: Document,
  endpointsOf: EndpointsOf,
  before?: WithEndpoints,
): WithEndpoints {
  const routes = written.routes.map((rule, index) => {
    if (rule.versions.every(({ service }) => service === undefined)) return rule;
    const known =
      before?.written.routes[index] === rule ? before.document.routes[index] : undefined;
    const isSame = (version: VersionRule, at: number) =>
      isFilled(version, known?.versions[at], endpointsOf);
    if (known?.versions.length === rule.versions.length && rule.versions.every(isSame))
      return known;
    const versions = rule.versions.map((version) => filled(version, endpointsOf));
    return { ...rule, versions } satisfies RouteRule;
  });
  const isAsWritten = routes.every((rule, index) => rule === written.routes[index]);
  if (isAsWritten) return { written, document: written };
  const isAsBefore =
    before?.written === written &&
    routes.every((rule, index) => rule === before.document.routes[index]);
  return isAsBefore ? before : { written, document: { ...written, routes } };
}

function filled(version: VersionRule, endpointsOf: EndpointsOf): VersionRule {
  if (version.service === undefined) return version;
  const { urls, isTerminating, trouble } = endpointsOf(version.service) ?? unknown;
  return { ...version, urls, isTerminating, trouble };
}

const unknown: ServiceEndpoints = {
  urls: [],
  isTerminating: false,
  trouble: 'its endpoints are not known yet',
};

/** Whether a version has what its service has now. */
function isFilled(
  { service }: VersionRule,
  filled: VersionRule | undefined,
  endpointsOf: EndpointsOf,
): boolean {
  if (service === undefined) return true;
  const { urls, isTerminating, trouble } = endpointsOf(service) ?? unknown;
  return (
    filled?.urls === urls && filled.isTerminating === isTerminating && filled.trouble === trouble
  );
}

/** Returns the services that the versions of a document name. */
export function servicesIn({ routes }: Document): readonly ServiceRule[] {
  return routes.flatMap(({ versions }) => versions.flatMap(({ service }) => service ?? []));
}

/** The same without those of versions that nothing reaches: nobody has to wait for them. */
export function neededServices({ routes }: Document): readonly ServiceRule[] {
  return routes.flatMap(({ versions }) =>
    versions.flatMap(({ service, state }) => (state === 'disabled' ? [] : (service ?? []))),
  );
}
