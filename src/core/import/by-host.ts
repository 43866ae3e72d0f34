import { both, type ImportedRoute, type WrittenCondition } from './imported-route.ts';

/** A route with all of its condition, hosts included. */
export interface PlacedRoute {
  readonly route: ImportedRoute;
  readonly match: WrittenCondition | undefined;
}

const anyHost = '*';

/**
 * Returns routes in an order in which the first that matches is the right one: the nearest host
 * first, as a proxy with a server for each host has it.
 *
 * There a request belongs to the server of its host, and to no other, even where none of its
 * routes takes it. So a host whose routes leave something over is taken out of the wider ones.
 */
export function placedByHost(routes: readonly ImportedRoute[]): readonly PlacedRoute[] {
  const closed = closedHosts(routes);
  return routes
    .flatMap((route) => hostGroups(route).map((hosts) => ({ route, hosts, rank: rankOf(hosts) })))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ route, hosts }) => ({ route, match: both(hostCondition(hosts, closed), route.where) }));
}

/** Hosts that have routes of their own, none of which takes whatever comes. */
function closedHosts(routes: readonly ImportedRoute[]): readonly string[] {
  const open = new Set<string>();
  const all = new Set<string>();
  for (const { hosts, where } of routes) {
    for (const host of hosts) {
      all.add(host);
      if (where === undefined) open.add(host);
    }
  }
  return [...all].filter((host) => !open.has(host));
}

/** Names are one group; hosts with `*` are one each, because others may come between them. */
function hostGroups({ hosts }: ImportedRoute): readonly (readonly string[])[] {
  const names = hosts.filter((host) => !host.startsWith('*'));
  const wide = hosts.filter((host) => host.startsWith('*')).map((host) => [host]);
  if (hosts.length === 0 || hosts.includes(anyHost)) return [[anyHost]];
  return names.length === 0 ? wide : [names, ...wide];
}

/** The smaller the nearer. */
function rankOf([host = anyHost]: readonly string[]): number {
  if (host === anyHost) return 1_000;
  return host.startsWith('*') ? 500 - host.length : 0;
}

function hostCondition(
  hosts: readonly string[],
  closed: readonly string[],
): WrittenCondition | undefined {
  const [only = anyHost] = hosts;
  const own = only === anyHost ? undefined : { host: hosts.length === 1 ? only : hosts };
  if (!only.startsWith('*')) return own;
  const others = closed.filter((host) => host !== only && isInside(host, only));
  return others.length === 0 ? own : { ...own, not: { host: others } };
}

function isInside(host: string, wide: string): boolean {
  return wide === anyHost || host.replace(/^\*/, 'x').endsWith(wide.slice(1));
}
