import { createHmac } from 'node:crypto';
import type { Facts } from '#core/conditions/facts';
import type { When } from '#core/conditions/when';
import { defaultEjection, defaultLimits, defaultRetries } from '#core/document/defaults';
import type { Document } from '#core/document/document';
import type { AssignPorts } from '#core/routing/assign';
import type { Route } from '#core/routing/route';
import type { MirrorRule, RouteRule, UnitSource, VersionRule } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';

/** What a test says of a request; the rest is a GET of `/` without anything. */
export interface MadeUpFacts extends Partial<Omit<Facts, 'header' | 'cookie'>> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
}

export function facts({ headers = {}, cookies = {}, ...rest }: MadeUpFacts = {}): Facts {
  return {
    method: 'GET',
    host: 'shop.example.com',
    path: '/',
    query: '',
    client: '203.0.113.9',
    scheme: 'http',
    ...rest,
    header: (name) => headers[name],
    cookie: (name) => cookies[name],
  };
}

/** A version: weight 1, active, with one endpoint, unless the test says otherwise. */
export function version(name: string, rest: Partial<VersionRule> = {}): VersionRule {
  return {
    name,
    slot: name,
    urls: [`http://${name}:8080`],
    service: undefined,
    isTerminating: false,
    trouble: '',
    weight: 1,
    state: 'active',
    headers: undefined,
    tls: undefined,
    ...rest,
  };
}

/** How a route deals with its versions where it says nothing of it. */
export const plain = {
  retries: defaultRetries,
  health: undefined,
  ejection: defaultEjection,
  slowStartMs: 0,
  limits: defaultLimits,
  allowsUpgrade: true,
  allowsEncodedSlash: true,
  mirror: undefined,
  fault: undefined,
  rollout: undefined,
  judging: undefined,
  isHeld: false,
} satisfies Partial<RouteRule>;

export function rule(rest: Partial<RouteRule> = {}): RouteRule {
  const name = rest.name ?? 'shop';
  return {
    name,
    match: undefined,
    versions: [version('v1', { weight: 90 }), version('v2', { weight: 10 })],
    unit: [source('header:x-user-id')],
    salt: name,
    audiences: [],
    sticky: undefined,
    override: undefined,
    onUnavailable: { kind: 'fail' },
    timeouts: { connectMs: 0, firstByteMs: 0, idleMs: 0, totalMs: 0, attemptMs: 0 },
    headers: undefined,
    rewrite: undefined,
    redirect: undefined,
    ...plain,
    ...rest,
  };
}

/** A mirror of every GET that compares nothing. */
export function mirrorTo(to: string, rest: Partial<MirrorRule> = {}): MirrorRule {
  const methods = ['GET'];
  return { to, percent: 100, methods, inFlight: 100, bodyBytes: 0, compare: undefined, ...rest };
}

export function source(text: string): UnitSource {
  if (text === 'issue') return { kind: 'issue', text };
  const [kind, name = ''] = text.split(':');
  if (kind !== 'header' && kind !== 'cookie' && kind !== 'query') throw new Error(text);
  return { kind, name, text };
}

/** Compiles rules; versions get rows in document order, a route without a version row -1. */
export function snapshotOf(...rules: readonly RouteRule[]): Snapshot {
  const document: Document = { apiVersion: 'turnout/v1', routes: rules };
  const rows = rules.flatMap(({ name, versions }) => versions.map((v) => `${name}/${v.name}`));
  return compile(document, {
    hash: 'a1b2c3d4e5f6',
    rowOf: (route, version) => rows.indexOf(`${route}/${version}`),
  });
}

export function routeOf(rest: Partial<RouteRule> = {}): Route {
  const [route] = snapshotOf(rule(rest)).routes;
  if (route === undefined) throw new Error('a rule makes a route');
  return route;
}

/** Rules that differ only in what they take. */
export function rulesFor(matches: readonly (When | undefined)[]): RouteRule[] {
  return matches.map((match, i) => rule({ name: `route-${i}`, match }));
}

export const madeUpUnit = '0123456789abcdef0123456789abcdef';
export const now = Date.UTC(2026, 0, 1);
const keys: Readonly<Record<string, string>> = { k1: 'first key', k2: 'second key' };

export function mac(keyId: string, text: string): string | undefined {
  const key = keys[keyId];
  return key === undefined ? undefined : createHmac('sha256', key).update(text).digest('base64url');
}

export function ports(rest: Partial<AssignPorts> = {}): AssignPorts {
  return { random: () => 0.95, epochMs: () => now, newUnit: () => madeUpUnit, mac, ...rest };
}
