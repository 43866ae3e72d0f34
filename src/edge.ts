import { createHmac, randomFillSync } from 'node:crypto';
import { cidrSet } from '#core/address/cidr-set';
import { refusals } from '#core/http1/refusal';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import { type Admin, adminApp } from './admin/app.ts';
import { type Keys, readKeys } from './cli/keys.ts';
import type { Listeners, Running } from './cli/ports.ts';
import { DocumentTrouble } from './cli/rules-file.ts';
import type { Settings } from './cli/settings.ts';
import { exitCodes, Trouble } from './cli/trouble.ts';
import { ReadOffThread } from './config/read-off-thread.ts';
import { type Outcome, type Refusal, Reload } from './config/reload.ts';
import { watchFile } from './config/watch-file.ts';
import { Listener } from './proxy/listener.ts';
import { defaultLimits, type Ports as ProxyPorts } from './proxy/ports.ts';
import { exposition } from './telemetry/exposition.ts';
import { type Log, logOf } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';

const monotonic = () => performance.now();

/** What a process is made of while it serves. */
interface House {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly reload: Reload;
  readonly proxy: Listener;
  isListening: boolean;
  isDraining: boolean;
}

/**
 * Puts the parts together and serves.
 *
 * Resolves when traffic is taken. Rejects where a port cannot be had, or the document at
 * the start cannot be used.
 */
export async function serve(
  settings: Settings,
  listeners: Listeners,
  version: string,
): Promise<Running> {
  const log = logOf({ level: settings.logLevel });
  const metrics = new Metrics({ refusals: Object.keys(refusals), now: monotonic });
  const reader = new ReadOffThread();
  const reload = new Reload({
    file: settings.rulesFile,
    read: reader.read,
    compile: (document, hash) => compile(document, { hash, rowOf: metrics.rows.rowOf }),
    swap: (snapshot) => swap(snapshot),
    log: (outcome) => {
      // The first document decides whether we serve at all: then its problems are the answer.
      if (outcome.kind === 'refused' && outcome.inForce === undefined) return;
      logOutcome(log, outcome);
      if (outcome.kind === 'refused') listeners.onRefused?.(outcome.refusal.text);
    },
    now: Date.now,
  });
  const listen = {
    ...settings.listen,
    reading: 'borrowed',
    limits: { ...defaultLimits, ...settings.limits, maxConnections: settings.maxConnections },
  } as const;
  const proxy = new Listener(proxyPorts(settings, metrics, log), listen);
  const house: House = {
    settings,
    log,
    metrics,
    reload,
    proxy,
    isListening: false,
    isDraining: false,
  };

  function swap(snapshot: Snapshot): void {
    const before = metrics.inForce().snapshot;
    metrics.swapped(snapshot, 'document');
    proxy.retain(endpointKeys(snapshot));
    if (before !== undefined) listeners.onSwap?.(before, snapshot);
  }

  const warn = (message: string) => log.event('warn', 'source_warned', message);
  const watch = watchFile(settings.rulesFile, { warn }, (content) => reload.take(content));
  const close = async (admin: Admin | undefined) => {
    watch.close();
    reader.close();
    await admin?.close();
    log.flush();
  };
  let admin: Admin | undefined;
  try {
    await watch.look();
    const { refusal, hash } = reload.status();
    if (hash === undefined) throw unusable(refusal);
    admin = await startAdmin(house, version);
    const traffic = await proxy.listen(listen);
    house.isListening = true;
    log.event('info', 'process_started', 'serving', { version, traffic, document: hash });
    return runningOf(house, traffic, admin, () => close(admin));
  } catch (error) {
    proxy.close();
    await close(admin);
    throw error;
  }
}

/** A document that cannot be used at the start ends the process: there is no last good one. */
function unusable(refusal: Refusal | undefined): Trouble {
  const text = refusal?.text ?? 'there is no rules document';
  return refusal === undefined || refusal.problems.length === 0
    ? new Trouble(exitCodes.wrongUse, text)
    : new DocumentTrouble(exitCodes.wrongUse, text);
}

function runningOf(
  house: House,
  traffic: { readonly address: string; readonly port: number },
  admin: Admin | undefined,
  close: () => Promise<void>,
): Running {
  const { settings, log, proxy } = house;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const adminAddress = admin?.server.address();
  return {
    traffic: { host: traffic.address, port: traffic.port },
    admin:
      typeof adminAddress === 'object' && adminAddress !== null
        ? { host: adminAddress.address, port: adminAddress.port }
        : undefined,
    closed,
    drain: async () => {
      house.isDraining = true;
      log.event('info', 'process_draining', 'finishing what is begun');
      const { drainDelayMs: delayMs, drainTimeoutMs: timeoutMs } = settings;
      const { cut } = await proxy.drain({ delayMs, timeoutMs });
      log.event(cut === 0 ? 'info' : 'warn', 'process_ended', 'drained', { cut });
      await close();
      resolve();
      return { aborted: cut };
    },
  };
}

async function startAdmin(house: House, version: string): Promise<Admin | undefined> {
  const { settings, log, metrics, reload } = house;
  if (settings.admin === undefined) return undefined;
  const document = () => reload.status();
  const draining = () => house.isDraining;
  const app = adminApp({
    inForce: () => metrics.inForce(),
    document,
    listening: () => house.isListening,
    draining,
    expose: exposition({
      metrics,
      now: monotonic,
      wallNow: Date.now,
      version,
      draining,
      document: () => ({ ...document(), source: 'file' }),
    }),
    version,
    now: Date.now,
    failed: (error) =>
      log.event('error', 'admin_failed', messageOf(error), { stack: stackOf(error) }),
    hosts: settings.adminHosts,
  });
  await app.listen(settings.admin);
  return app;
}

function proxyPorts(settings: Settings, metrics: Metrics, log: Log): ProxyPorts {
  const keys: Keys = settings.keysFile === undefined ? new Map() : readKeys(settings.keysFile);
  const [signing] = keys.keys();
  const snapshot = () => {
    const { snapshot: inForce } = metrics.inForce();
    // The traffic port opens only when a document is in force.
    if (inForce === undefined) throw new TypeError('no snapshot is in force');
    return inForce;
  };
  return {
    snapshot,
    began: (row) => metrics.inFlight(row, 1),
    moved: (from, to) => {
      metrics.inFlight(from, -1);
      metrics.inFlight(to, 1);
    },
    held: (row, change) => metrics.held(row, change),
    ended: (observed, row) => {
      metrics.inFlight(row, -1);
      metrics.observe(observed);
    },
    refused: (code) => metrics.refused(code),
    connections: (side, change) => metrics.connection(side, change),
    bug: (error) => {
      metrics.bug();
      log.event('error', 'bug_caught', messageOf(error), { stack: stackOf(error) });
    },
    failed: ({ route, assignment, failure, status }, detail) =>
      log.event('debug', 'exchange_failed', detail, {
        failure,
        status,
        route: route?.name,
        version: assignment.version?.name,
      }),
    now: monotonic,
    httpDate: httpDates(Date.now),
    trusts: cidrSet(settings.trustedProxies),
    assign: {
      random: Math.random,
      epochMs: Date.now,
      newUnit: unitIds(),
      mac: (id, text) => macOf(keys, id, text),
      ...(signing === undefined ? {} : { stickyKeyId: signing }),
    },
  };
}

function macOf(keys: Keys, id: string, text: string): string | undefined {
  const key = keys.get(id);
  return key && createHmac('sha256', key).update(text).digest('base64url');
}

/** Returns 128 random bits as hex digits at each call: from a pool, which is ten times as fast. */
function unitIds(): () => string {
  const pool = Buffer.alloc(4_096);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += 16;
    return pool.toString('hex', at - 16, at);
  };
}

/** Returns the Date field's text, made anew once a second. */
function httpDates(epochMs: () => number): () => string {
  let second = 0;
  let text = '';
  return () => {
    const now = Math.floor(epochMs() / 1_000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1_000).toUTCString();
    }
    return text;
  };
}

function endpointKeys(snapshot: Snapshot): ReadonlySet<string> {
  const versions = snapshot.routes.flatMap((route) => route.versions);
  return new Set(versions.flatMap(({ endpoints }) => endpoints.map(({ key }) => key)));
}

function logOutcome(log: Log, outcome: Outcome): void {
  if (outcome.kind === 'refused') {
    const { text, hash } = outcome.refusal;
    log.event('error', 'document_refused', text, { hash, inForce: outcome.inForce });
  } else if (outcome.kind === 'unchanged') {
    log.event('debug', 'document_unchanged', 'the document is what is in force', {
      hash: outcome.hash,
    });
  } else {
    const { hash, previous, routes, tookMs, warnings } = outcome;
    log.event('info', 'document_applied', 'a document is in force', {
      hash,
      previous,
      routes,
      tookMs,
    });
    if (warnings !== '') log.event('warn', 'document_applied', warnings, { hash });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
