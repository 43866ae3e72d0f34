import type { WrittenCondition } from '../imported-route.ts';
import { literal } from '../literal.ts';
import type { Backend, Ingress, IngressPath } from './ingress.ts';

/** One path of one host that an Ingress takes: what nginx calls a location. */
export interface Location extends IngressPath {
  readonly ingress: Ingress;
  readonly host: string;
  readonly backend: Backend;
}

/**
 * Whether the paths of a host are regular expressions: one `use-regex`, or one `rewrite-target`,
 * makes them all so.
 */
export function isRegexHost(locations: readonly Location[]): boolean {
  return locations.some(({ ingress: { annotations }, path }) => {
    const target = annotations.text('rewrite-target');
    return annotations.flag('use-regex') === true || (target !== undefined && target !== path);
  });
}

/**
 * Orders the locations of a host as nginx asks them: whole paths first, then the longest; regular
 * expressions by length alone.
 */
export function asAsked(locations: readonly Location[], isRegex: boolean): readonly Location[] {
  return locations.toSorted((a, b) => {
    const first = isRegex ? 0 : Number(b.type === 'Exact') - Number(a.type === 'Exact');
    return first || lengthOf(b, isRegex) - lengthOf(a, isRegex) || descending(a.path, b.path);
  });
}

function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

/** A Prefix ends in a slash in nginx, so that it takes whole segments. */
function lengthOf({ path, type }: Location, isRegex: boolean): number {
  const gainsSlash = !isRegex && type === 'Prefix' && !path.endsWith('/');
  return path.length + (gainsSlash ? 1 : 0);
}

/** Returns which paths a location takes; undefined: all of them. */
export function pathCondition(
  { path, type }: Location,
  isRegex: boolean,
): WrittenCondition | undefined {
  if (path === '/' && (isRegex || type !== 'Exact')) return undefined;
  if (isRegex) return { path: { regex: `(?i)^${path}` } };
  if (type === 'Exact') return { path: { exact: path } };
  return { path: type === 'Prefix' ? path : { regex: `^${literal(path)}` } };
}

export function isSameBackend(a: Location, b: Location): boolean {
  return upstreamName(a) === upstreamName(b);
}

/** What the controller calls an upstream: all locations of one Service and port share it. */
function upstreamName({ ingress, backend: { service, port } }: Location): string {
  return `${ingress.object.namespace}/${service}/${JSON.stringify(port)}`;
}
