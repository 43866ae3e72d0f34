import type { Report } from '../finding.ts';
import {
  answering,
  closedStatus,
  closedText,
  type ImportedRoute,
  type WrittenCondition,
} from '../imported-route.ts';
import { fullName } from '../kube-object.ts';
import { untranslatedBy } from './annotations.ts';
import type { Context } from './context.ts';
import { type Ingress, nameOf } from './ingress.ts';
import { type Location, pathCondition } from './location.ts';
import type { Locations } from './locations.ts';
import { redirectOf } from './redirects.ts';
import { rewritten } from './rewrite.ts';
import { settingsOf, upstreamOf } from './settings.ts';
import { versionsOf } from './versions-of.ts';

/** Returns the route of a location. What cannot be said is closed, so that no wider route gets it. */
export function routeOf(
  location: Location,
  hosts: readonly string[],
  isRegex: boolean,
  locations: Locations,
  context: Context,
): ImportedRoute {
  const { ingress, span } = location;
  const { annotations } = ingress;
  const { report } = context;
  const comments = commentsOf(location, isRegex, context);
  const where = pathCondition(location, isRegex);
  const route = { name: nameOf(ingress), span, hosts, comments, where };
  const closed = { ...route, comments: [...comments, closedText], body: answering(closedStatus) };
  const redirect = redirectOf(annotations, report);
  if (redirect === 'unsayable') return closed;
  if (redirect !== undefined) return { ...route, body: redirect };
  const path = rewrittenPath(location, where, report);
  const upstream = upstreamOf(annotations, report);
  if (path === undefined || upstream === undefined) return closed;
  const versions = versionsOf(location, upstream.scheme, locations, context);
  const rewrite = { ...path.rewrite, ...hostRewrite(ingress, report) };
  return {
    ...route,
    comments: [...comments, ...versions.comments],
    where: path.where,
    body: {
      ...versions.body,
      ...settingsOf(annotations, report),
      ...(upstream.tls === undefined ? {} : { tls: upstream.tls }),
      ...(Object.keys(rewrite).length === 0 ? {} : { rewrite }),
    },
  };
}

function commentsOf(
  { ingress, host, path, type }: Location,
  isRegex: boolean,
  { place }: Context,
): readonly string[] {
  const { object, annotations } = ingress;
  const isByCharacters = !isRegex && type === 'ImplementationSpecific' && path !== '/';
  const characters = `By characters, as nginx has it: ${path}x too. For whole segments write path: ${path}`;
  return [
    `${fullName(object)} (${place(object)}): ${host || 'every other host'} ${path}, ${type}`,
    ...(isByCharacters ? [characters] : []),
    ...annotations.names().filter(isGuard).map(openText),
  ];
}

/** Returns the condition and the rewrite of a location; undefined: they cannot be said. */
function rewrittenPath(
  { ingress: { annotations }, path }: Location,
  where: WrittenCondition | undefined,
  report: Report,
) {
  const target = annotations.text('rewrite-target');
  if (target === undefined || target === path) return { where, rewrite: {} };
  const changed = rewritten(path, target);
  if (changed === undefined) {
    report({
      code: 'TN6004',
      message: `rewrite-target of ${path} cannot be said without its groups: the route answers 503 until you write it`,
      span: annotations.span('rewrite-target'),
    });
    return undefined;
  }
  return {
    where: changed.where,
    rewrite: changed.path === undefined ? {} : { path: changed.path },
  };
}

function hostRewrite({ annotations }: Ingress, report: Report): { readonly host?: string } {
  const host = annotations.text('upstream-vhost');
  if (host === undefined) return {};
  if (!host.includes('$')) return { host };
  report({
    code: 'TN6002',
    message: 'upstream-vhost has a variable of nginx: the host stays as it is',
    span: annotations.span('upstream-vhost'),
  });
  return {};
}

/** What kept requests out is told where the document is read, too. */
function isGuard(name: string): boolean {
  return untranslatedBy(name)?.code === 'TN6003';
}

function openText(name: string): string {
  return `OPEN: ${name} kept requests out before, and is not translated.`;
}
