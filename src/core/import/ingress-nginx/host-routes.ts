import { hostPattern } from '#core/conditions/host-pattern';
import { quoted } from '#core/conditions/quoted';
import type { Report } from '../finding.ts';
import { both, type ImportedRoute } from '../imported-route.ts';
import type { Context } from './context.ts';
import { type Ingress, nameOf } from './ingress.ts';
import { asAsked, isRegexHost, type Location } from './location.ts';
import type { Locations } from './locations.ts';
import { toHttps } from './redirects.ts';
import { routeOf } from './route-of.ts';

/** Returns the routes of one host, in the order in which nginx would ask its locations. */
export function routesOfHost(
  host: string,
  ofHost: readonly Location[],
  locations: Locations,
  ingresses: readonly Ingress[],
  context: Context,
): readonly ImportedRoute[] {
  const isRegex = isRegexHost(ofHost);
  const asked = asAsked(ofHost, isRegex);
  const hosts = host === '' ? [] : [host, ...aliasesOf(ofHost, locations, context.report)];
  const [first] = asked;
  if (first === undefined) return [];
  const isSecure = ingresses.some((ingress) => hasCertificate(ingress, host));
  const secured = asked.filter((location) => goesToHttps(location, isSecure));
  const areAll = secured.length === asked.length;
  const before = [...wwwRoutes(host, first, locations), ...appRoots(asked, hosts)];
  if (areAll) before.push(httpsRoute(first, hosts, undefined));
  return [
    ...before,
    ...asked.flatMap((location) => {
      const route = routeOf(location, hosts, isRegex, locations, context);
      if (areAll || !secured.includes(location)) return [route];
      return [httpsRoute(location, hosts, route.where), route];
    }),
  ];
}

/** Names of the same server; one that another Ingress has as its host stays that one's. */
function aliasesOf(
  ofHost: readonly Location[],
  { byHost }: Locations,
  report: Report,
): readonly string[] {
  const found = new Set<string>();
  for (const { annotations } of new Set(ofHost.map(({ ingress }) => ingress))) {
    for (const written of annotations.text('server-alias')?.split(',') ?? []) {
      const name = written.trim().toLowerCase();
      if (hostPattern.safeParse(name).success) found.add(name);
      else if (name !== '') {
        const message = `server-alias ${quoted(name)} is left out: it is no name of a host`;
        report({ code: 'TN6009', message, span: annotations.span('server-alias') });
      }
    }
  }
  return [...found].filter((name) => !byHost.has(name));
}

function hasCertificate({ tls }: Ingress, host: string): boolean {
  return tls.some(({ hosts }) => hosts.length === 0 || hosts.includes(host));
}

function goesToHttps({ ingress: { annotations } }: Location, isSecure: boolean): boolean {
  if (annotations.flag('force-ssl-redirect') === true) return true;
  return isSecure && annotations.flag('ssl-redirect') !== false;
}

function httpsRoute(
  { ingress, span }: Location,
  hosts: readonly string[],
  where: ImportedRoute['where'],
): ImportedRoute {
  return {
    name: `${nameOf(ingress)}.https`,
    comments: ['http goes to https'],
    span,
    hosts,
    where: both({ scheme: 'http' }, where),
    body: toHttps,
  };
}

/** `from-to-www-redirect`: the other of `example.com` and `www.example.com` goes to the host. */
function wwwRoutes(
  host: string,
  { ingress, span }: Location,
  { byHost }: Locations,
): readonly ImportedRoute[] {
  if (
    host === '' ||
    host.startsWith('*') ||
    ingress.annotations.flag('from-to-www-redirect') !== true
  )
    return [];
  const other = host.startsWith('www.') ? host.slice(4) : `www.${host}`;
  if (byHost.has(other)) return [];
  const body = { redirect: { host, status: 308 } } as const;
  return [
    {
      name: `${nameOf(ingress)}.www`,
      comments: [`${other} goes to ${host}`],
      span,
      hosts: [other],
      where: undefined,
      body,
    },
  ];
}

function appRoots(asked: readonly Location[], hosts: readonly string[]): readonly ImportedRoute[] {
  const found = asked.find(({ ingress }) => ingress.annotations.text('app-root')?.startsWith('/'));
  const root = found?.ingress.annotations.text('app-root');
  if (found === undefined || root === undefined) return [];
  return [
    {
      name: `${nameOf(found.ingress)}.root`,
      comments: [`app-root: / goes to ${root}`],
      span: found.span,
      hosts,
      where: { path: { exact: '/' } },
      body: { redirect: { path: { full: root }, status: 302 } },
    },
  ];
}
