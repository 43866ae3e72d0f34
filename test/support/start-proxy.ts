import { createHmac, randomBytes } from 'node:crypto';
import { cidrSet } from '#core/address/cidr-set';
import type { Document } from '#core/document/document';
import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import type { EndpointState } from '#core/exchange/labels';
import type { Observed } from '#core/exchange/observed';
import type { Strain } from '#core/overload/shed-level';
import type { AssignPorts } from '#core/routing/assign';
import { reasonText } from '#core/routing/assignment';
import type { RouteRule } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import { watchFiles } from '../../src/config/watch-files.ts';
import { Checks } from '../../src/endpoints/checks.ts';
import {
  type Lookup,
  Names,
  type NameTimes,
  nameTimes,
  systemLookup,
} from '../../src/endpoints/names.ts';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import type { Certificates } from '../../src/proxy/certificates.ts';
import type { FleetPorts } from '../../src/proxy/fleet-ports.ts';
import { Listener } from '../../src/proxy/listener.ts';
import type { Mirrored } from '../../src/proxy/mirror-copy.ts';
import { defaultLimits, type Limits, type Ports } from '../../src/proxy/ports.ts';
import { UpstreamContexts } from '../../src/proxy/upstream-contexts.ts';

/** What a test may want to know of an exchange; a copy. */
export interface Seen {
  readonly route: string | undefined;
  readonly version: string | undefined;
  readonly reason: string;
  readonly method: string;
  readonly status: number;
  readonly failure: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly retries: number;
  readonly hasStumbled: boolean;
  readonly hasReachedGoal: boolean;
}

export interface StartedProxy {
  readonly port: number;
  readonly proxy: Listener;
  /** Every exchange that has ended, in order. */
  readonly seen: Seen[];
  readonly details: string[];
  readonly refused: string[];
  readonly handshakeFailures: string[];
  readonly bugs: unknown[];
  /** Trouble made on purpose, by kind. */
  readonly faults: string[];
  /** Copies that are over. */
  readonly mirrored: Mirrored[];
  /** What was shed, one after the other. */
  readonly shed: string[];
  /** Connections of clients that are open now. */
  readonly open: () => number;
  /** Exchanges under way, summed over all rows. */
  readonly inFlight: () => number;
  /** Exchanges that wait for their version. */
  readonly held: () => number;
  /** Exchanges that wait for a connection. */
  readonly waiting: () => number;
  /** Why requests were sent again. */
  readonly retried: string[];
  /** What happened to endpoints, names and budgets, one after the other. */
  readonly told: string[];
  /** How the endpoints stand, summed over all versions. */
  readonly endpoints: Readonly<Record<EndpointState, number>>;
  /** Rows of the versions that requests were sent to, in order. */
  readonly sent: readonly number[];
  readonly tunnels: () => number;
  /** Bytes that tunnels have passed, from clients and to them. */
  readonly tunnelled: { readonly in: number; readonly out: number };
  /** Why tunnels ended, in order. */
  readonly tunnelEnds: readonly string[];
  readonly swap: (text: string, change?: Change) => void;
  readonly close: () => void;
}

/** The key that override tokens and sticky cookies of these tests are signed with. */
export const testKey = Buffer.from('0123456789abcdef0123456789abcdef');

/** What assignments of these tests get from outside. */
export const assignPorts: AssignPorts = {
  random: Math.random,
  epochMs: Date.now,
  newUnit: () => randomBytes(16).toString('hex'),
  mac: (id, text) =>
    id === 'test' ? createHmac('sha256', testKey).update(text).digest('base64url') : undefined,
};

const rows = new Map<string, number>();
function rowOf(route: string, version: string): number {
  const key = `${route}\n${version}`;
  const row = rows.get(key) ?? rows.size + 1;
  rows.set(key, row);
  return row;
}

/** Returns the snapshot of a document that was read already. */
export function compiled(document: Document, hash: string): Snapshot {
  return compile(document, { hash, rowOf });
}

/** What a rollout puts into rules, and no document may say. */
export type Change = (rule: RouteRule) => RouteRule;

/** Returns the snapshot of a document; throws its problems. */
export function snapshotOf(text: string, change: Change = (rule) => rule): Snapshot {
  const reading = read(text);
  if (reading.kind === 'problems') {
    throw new Error(renderProblems(reading.problems, { file: 'rules', text }));
  }
  const { document } = reading;
  const changed = { ...document, routes: document.routes.map(change) };
  return compiled(changed, 'test');
}

function copyOf(o: Observed): Seen {
  return {
    route: o.route?.name,
    version: o.assignment.version?.name,
    reason: reasonText(o.assignment),
    method: o.method,
    status: o.status,
    failure: o.failure,
    bytesIn: o.bytesIn,
    bytesOut: o.bytesOut,
    retries: o.retries,
    hasStumbled: o.hasStumbled,
    hasReachedGoal: o.hasReachedGoal,
  };
}

export interface StartOptions {
  /** Told that a connection to an endpoint has been asked for: it cannot be there yet. */
  readonly opening?: () => void;
  readonly change?: Change;
  readonly reading?: ReadingBy;
  readonly limits?: Partial<Limits>;
  readonly trustedProxies?: readonly string[];
  readonly strain?: () => Strain;
  /** Chance of assignments, faults and copies. */
  readonly random?: () => number;
  /** With them the port speaks TLS. */
  readonly certificates?: Certificates;
  /** Where a listener of our own is. */
  readonly adminPort?: number;
  readonly lookup?: Lookup;
  readonly nameTimes?: NameTimes;
  /** The clock of time limits; real by default. */
  readonly now?: () => number;
}

/** Starts a proxy on a free port of 127.0.0.1 with the rules given. */
export async function startProxy(rules: string, options: StartOptions = {}): Promise<StartedProxy> {
  const snapshot = snapshotOf(rules, options.change);
  let open = 0;
  let inFlight = 0;
  let held = 0;
  let waiting = 0;
  const retried: string[] = [];
  const told: string[] = [];
  const sent: number[] = [];
  let tunnels = 0;
  const tunnelled = { in: 0, out: 0 };
  const tunnelEnds: string[] = [];
  const seen: Seen[] = [];
  const details: string[] = [];
  const refused: string[] = [];
  const handshakeFailures: string[] = [];
  const bugs: unknown[] = [];
  const faults: string[] = [];
  const mirrored: Mirrored[] = [];
  const shed: string[] = [];
  const contexts = new UpstreamContexts({
    watch: (paths, take) => watchFiles(paths, {}, take),
    log: () => {},
    mended: () => {},
  });
  const problems = await contexts.prepare(snapshot);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const names = new Names(
    {
      lookup: options.lookup ?? systemLookup,
      random: Math.random,
      failed: (name, trouble) => told.push(`${name}: ${trouble}`),
      recovered: () => {},
    },
    options.nameTimes ?? nameTimes,
  );
  const checks = new Checks({
    random: Math.random,
    contextFor: (endpoint) => contexts.contextFor(endpoint),
    turned: (_target, isUp) => told.push(isUp ? 'up' : 'down'),
  });
  const endpoints = { healthy: 0, unhealthy: 0, ejected: 0 };
  const fleetPorts: FleetPorts = {
    followName: (host, changed) => names.follow(host, changed),
    check: (target, changed, passed) => checks.watch(target, changed, passed),
    isAdmin: (_address, port) => port === options.adminPort,
    endpoints: (_row, state, change) => {
      endpoints[state] += change;
    },
    panicking: (_row, change) => told.push(change === 1 ? 'panics' : 'panics no more'),
    ejected: (_row, trouble) => told.push(`ejected: ${trouble}`),
    waiting: (_row, change) => {
      waiting += change;
    },
    retried: (_row, reason) => retried.push(reason),
    retryDenied: () => told.push('retry denied'),
  };
  const ports: Ports = {
    ...fleetPorts,
    began: () => {
      inFlight++;
    },
    moved: () => {},
    sent: (row) => sent.push(row),
    ended: (observed) => {
      inFlight--;
      seen.push(copyOf(observed));
    },
    switched: (observed) => {
      tunnels++;
      seen.push(copyOf(observed));
    },
    tunnelled: (_row, bytesIn, bytesOut) => {
      tunnelled.in += bytesIn;
      tunnelled.out += bytesOut;
    },
    tunnelEnded: (_row, end) => {
      tunnels--;
      inFlight--;
      tunnelEnds.push(end);
    },
    held: (_row, change) => {
      held += change;
    },
    refused: (code) => refused.push(code),
    contextFor: (endpoint) => contexts.contextFor(endpoint),
    handshakeFailed: (reason) => handshakeFailures.push(reason),
    connections: (side, change) => {
      if (side === 'downstream') open += change;
      else if (change === 1) options.opening?.();
    },
    bug: (error) => bugs.push(error),
    failed: (_observed, detail) => details.push(detail),
    now: options.now ?? (() => performance.now()),
    strain: {
      read: options.strain ?? (() => ({ loopDelayMs: 0, memoryShare: 0 })),
      close: () => {},
    },
    faulted: (_row, kind) => faults.push(kind),
    mirrored: (copy) => mirrored.push(copy),
    shedding: (level) => shed.push(level),
    assign: { ...assignPorts, random: options.random ?? Math.random },
    trusts: cidrSet(options.trustedProxies ?? []),
  };
  const proxy = new Listener(ports, {
    reading: options.reading ?? 'borrowed',
    limits: { ...defaultLimits, ...options.limits },
  });
  proxy.swap(snapshot);
  const { certificates } = options;
  const { port } = await proxy.listen({ host: '127.0.0.1', port: 0, certificates });
  return {
    port,
    proxy,
    seen,
    details,
    refused,
    handshakeFailures,
    bugs,
    shed,
    faults,
    mirrored,
    open: () => open,
    inFlight: () => inFlight,
    held: () => held,
    waiting: () => waiting,
    retried,
    told,
    endpoints,
    sent,
    tunnels: () => tunnels,
    tunnelled,
    tunnelEnds,
    swap: (text, change) => {
      proxy.swap(snapshotOf(text, change));
    },
    close: () => {
      proxy.close();
      contexts.close();
      names.close();
      checks.close();
    },
  };
}

/** Rules of one route to one or more urls of a version v1. */
export function rulesTo(...urls: string[]): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { urls: ${JSON.stringify(urls)} } }
`;
}
