import type { Facts } from '../../src/core/conditions/facts.ts';
import type { When } from '../../src/core/conditions/when.ts';
import {
  defaultEjection,
  defaultLimits,
  defaultRetries,
} from '../../src/core/document/defaults.ts';
import type { RouteRule, VersionRule } from '../../src/core/routing/rules.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';

/** A snapshot of `count` routes that split 90/10 by a header, each matched as `matchOf` says. */
export function snapshotOf(count: number, matchOf: (i: number) => When | undefined): Snapshot {
  const routes = Array.from({ length: count }, (_, i) => routeRule(`route-${i}`, matchOf(i)));
  return compile({ apiVersion: 'turnout/v1', routes }, { hash: '0'.repeat(12), rowOf: () => 0 });
}

function routeRule(name: string, match: When | undefined): RouteRule {
  return {
    name,
    match,
    versions: [versionRule('v1', 90), versionRule('v2', 10)],
    unit: [{ kind: 'header', name: 'x-user-id', text: 'header:x-user-id' }],
    salt: name,
    audiences: [
      {
        name: 'testers',
        when: { cookie: { insider: [{ exact: 'yes' }] } },
        to: { kind: 'version', version: 'v2' },
      },
      {
        name: 'beta-api',
        when: { header: { 'x-api-version': [{ prefix: 'v2' }] } },
        to: { kind: 'version', version: 'v2' },
      },
    ],
    sticky: undefined,
    override: undefined,
    onUnavailable: { kind: 'fail' },
    timeouts: { connectMs: 0, firstByteMs: 0, idleMs: 0, totalMs: 0, attemptMs: 0 },
    headers: undefined,
    rewrite: undefined,
    redirect: undefined,
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
  };
}

export function versionRule(name: string, weight: number): VersionRule {
  const urls = [`http://${name}:8080`];
  const written = { service: undefined, isTerminating: false, trouble: '' };
  const more = { headers: undefined, tls: undefined };
  return { name, slot: name, urls, ...written, weight, state: 'active', ...more };
}

/** Facts that can be filled anew, as the data path does; what is not asked for costs nothing. */
export interface BenchFacts extends Facts {
  host: string;
  path: string;
  unit: string | undefined;
}

export function benchFacts(): BenchFacts {
  return {
    method: 'GET',
    host: 'shop.example.com',
    path: '/',
    query: '',
    client: '203.0.113.9',
    scheme: 'http',
    unit: undefined,
    header(name) {
      return name === 'x-user-id' ? this.unit : undefined;
    },
    cookie: () => undefined,
  };
}

/** 16,384 different ids, as long as an issued unit. */
export const units: readonly string[] = Array.from({ length: 16_384 }, (_, i) =>
  `${i}`.padStart(32, '3f2504e04f8911d39a0c0305e82c3301'),
);

export function unitAt(i: number): string {
  return units[i % units.length] ?? '';
}
