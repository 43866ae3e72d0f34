import { refusals } from '#core/http1/refusal';
import type { Command } from '#core/rollout/command';
import type { Snapshot } from '#core/snapshot/snapshot';
import { type Admin, adminApp } from './admin/app.ts';
import type { RulesPorts } from './admin/ports.ts';
import { readTokens, tokensOfFile } from './admin/token-file.ts';
import { type Keys, readKeys } from './cli/keys.ts';
import type { Listeners, Running, TrafficAddress } from './cli/ports.ts';
import { DocumentTrouble } from './cli/rules-file.ts';
import { rulesText } from './cli/rules-setting.ts';
import type { Settings } from './cli/settings.ts';
import { exitCodes, Trouble } from './cli/trouble.ts';
import { readFirstHere } from './config/read-first-here.ts';
import { ReadOffThread } from './config/read-off-thread.ts';
import { type Refusal, Reload } from './config/reload.ts';
import { type Carrier, carrierAlone, type Tallies } from './edge/carrier.ts';
import { carrierOfWorkers } from './edge/carrier-of-workers.ts';
import { monotonic } from './edge/clock.ts';
import { apiOrWhyNot, type Cluster, clusterOf, watchViews } from './edge/cluster.ts';
import { messageOf, stackOf } from './edge/errors.ts';
import { endLater, firstFault } from './edge/faults.ts';
import { logOutcome } from './edge/log-outcome.ts';
import { ReleaseWay } from './edge/release-way.ts';
import type { Replica } from './edge/replica.ts';
import { rulesPorts } from './edge/rules-ports.ts';
import { rulesSource } from './edge/rules-source.ts';
import { tlsFilesOf } from './edge/tls-files.ts';
import { Measures } from './rollout/measures.ts';
import { exposition } from './telemetry/exposition.ts';
import { type Log, logOf } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import type { RolloutFacts } from './telemetry/rollout-families.ts';

/** What a process is made of while it serves. */
interface House {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly reload: Reload;
  readonly carrier: Carrier;
  readonly way: ReleaseWay;
  readonly cluster: Cluster;
  readonly rules: RulesPorts;
  readonly replica: Replica | undefined;
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
    file: rulesText(settings.rules),
    read: (text) => read(text),
    compile: (document, hash, text) => way.compile(document, hash, text),
    prepare: (snapshot, newer) => way.prepare(snapshot, newer),
    swap: (snapshot) => swap(snapshot),
    log: (outcome) => {
      if (outcome.kind === 'unchanged') way.settled();
      // The first document decides whether we serve at all: then its problems are the answer.
      if (outcome.kind === 'refused' && outcome.inForce === undefined) return;
      logOutcome(log, outcome);
      if (outcome.kind === 'refused') listeners.onRefused?.(outcome.refusal.text);
    },
    now: Date.now,
  });
  const keys: Keys = settings.keysFile === undefined ? new Map() : readKeys(settings.keysFile);
  const tlsFiles = tlsFilesOf(log, () => reload.again());
  const parts = { settings, keys, metrics, log, tlsFiles, now: monotonic };
  const measures = new Measures();
  const cluster = clusterOf(log, version, process.env);
  const replica = await replicaOf(settings, cluster, log);
  await replica?.ready();
  const tallies: Tallies = {
    onIncrement: (increment) =>
      replica === undefined ? measures.add(increment) : replica.add(increment),
    onUrgent: () => (replica === undefined ? way.urgent() : replica.urgent()),
  };
  const carrier =
    settings.workers === 1 ? carrierAlone(parts, tallies) : carrierOfWorkers(parts, tallies);
  const read = readFirstHere(reader.read, () => carrier.isListening());
  const way = new ReleaseWay({
    ...{ settings, log, metrics, measures, carrier, read, replica },
    cluster: () => apiOrWhyNot(cluster),
    again: () => reload.again(),
  });

  async function swap(snapshot: Snapshot): Promise<void> {
    const before = metrics.inForce().snapshot;
    await way.swap(snapshot);
    if (before !== undefined) listeners.onSwap?.(before, snapshot);
  }

  // A document that waits for endpoints must not keep a newer one waiting.
  const watch = rulesSource(settings.rules, { log, api: cluster.api }, (content) =>
    Promise.race([reload.take(content), way.stalled()]),
  );
  const rules = rulesPorts({ settings, log, reload, way, read, look: () => watch.look() });
  const house: House = {
    ...{ settings, log, metrics, reload, carrier, way, cluster, rules, replica },
    isDraining: false,
  };
  const close = async (admin: Admin | undefined) => {
    watch.close();
    way.close();
    replica?.close();
    reader.close();
    await cluster.close();
    await admin?.close();
    log.flush();
  };
  let admin: Admin | undefined;
  try {
    await way.rollouts.start();
    await watch.look();
    await reload.quiet();
    const { refusal, hash } = reload.status();
    if (hash === undefined) throw unusable(refusal);
    admin = await startAdmin(house, version);
    const at = await carrier.listen();
    way.join(() => watch.look());
    const { workers } = settings;
    const facts = { version, traffic: at, document: hash, workers };
    log.event('info', 'process_started', 'serving', facts);
    return runningOf(house, at, admin, () => close(admin));
  } catch (error) {
    carrier.close();
    await close(admin);
    throw error;
  }
}

/** Returns this replica, where there are to be several. */
async function replicaOf(
  settings: Settings,
  cluster: Cluster,
  log: Log,
): Promise<Replica | undefined> {
  const { state, adminTokenFile } = settings;
  if (state === undefined) return undefined;
  const api = await apiOrWhyNot(cluster);
  if (typeof api === 'string') throw new Trouble(exitCodes.wrongUse, `--state: ${api}`);
  const tokens = tokensOfFile(adminTokenFile, (problem) =>
    log.event('warn', 'admin_tokens_refused', problem),
  );
  const { Replica } = await import('./edge/replica.ts');
  return new Replica({ settings, state, api, log, tokens });
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
  at: readonly TrafficAddress[],
  admin: Admin | undefined,
  close: () => Promise<void>,
): Running {
  const { log, metrics, carrier } = house;
  const adminAddress = admin?.server.address();
  return {
    traffic: at,
    admin:
      typeof adminAddress === 'object' && adminAddress !== null
        ? { host: adminAddress.address, port: adminAddress.port }
        : undefined,
    rollouts: toldRollouts(house),
    broken: Promise.race([carrier.broken, firstFault({ log, metrics, events: process, endLater })]),
    drain: async (times) => {
      house.isDraining = true;
      log.event('info', 'process_draining', 'finishing what is begun');
      await house.replica?.stop();
      const { cut } = await carrier.drain(times);
      log.event(cut === 0 ? 'info' : 'warn', 'process_ended', 'drained', { cut });
      await close();
      return { aborted: cut };
    },
  };
}

/** Who names a file of tokens learns at the start that nobody could come in by it. */
async function usableTokens(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const { problem } = await readTokens(file);
  if (problem === undefined) return;
  const remedy = `a token can be made with: openssl rand -base64 32 > ${file}`;
  throw new Trouble(exitCodes.wrongUse, `--admin-token-file ${file}: ${problem}`, remedy);
}

async function startAdmin(house: House, version: string): Promise<Admin | undefined> {
  const { settings, log, metrics, reload, carrier, way, cluster, rules } = house;
  if (settings.admin === undefined) return undefined;
  await usableTokens(settings.adminTokenFile);
  const document = () => reload.status();
  const draining = () => house.isDraining;
  const expose = exposition({
    metrics,
    now: monotonic,
    wallNow: Date.now,
    version,
    draining,
    document: () => ({ ...document(), source: settings.rules.kind }),
    watching: cluster,
    certificates: carrier.certificates,
    workers: carrier.workers,
    rollouts: rolloutFacts(way),
    replica: () => house.replica?.facts(),
  });
  const app = adminApp({
    inForce: () => metrics.inForce(),
    document,
    listening: carrier.isListening,
    workers: () => carrier.workers.status(),
    watches: () => watchViews(cluster, monotonic()),
    versions: carrier.versions,
    mirrorSamples: async () => {
      await carrier.collect();
      return metrics.mirrorSamples.all();
    },
    draining,
    expose: async (accept) => {
      await carrier.collect();
      return expose(accept);
    },
    version,
    now: Date.now,
    failed: (error) =>
      log.event('error', 'admin_failed', messageOf(error), { stack: stackOf(error) }),
    hosts: settings.adminHosts,
    access: {
      tokens: tokensOfFile(settings.adminTokenFile, (problem) =>
        log.event('warn', 'admin_tokens_refused', problem),
      ),
      trustsLoopback: settings.trustsAdminLoopback,
      now: monotonic,
    },
    rollouts: toldRollouts(house),
    rules,
    peers: peersPort(house.replica),
  });
  // It writes into what it is given.
  await app.listen({ ...settings.admin });
  return app;
}

function rolloutFacts({ rollouts }: ReleaseWay): RolloutFacts {
  return {
    rollouts: () => rollouts.rollouts(),
    transitions: () => rollouts.transitions(),
    overlays: () =>
      rollouts.overlays.all().map(({ route, overlay }) => ({
        route,
        leftMs: Math.max(0, overlay.endsAt - Date.now()),
      })),
  };
}

/** Several replicas tell together how routes stand. */
function toldRollouts({ way: { rollouts }, replica }: House) {
  return {
    statuses: (route?: string) => (replica ?? rollouts).statuses(route),
    history: (route?: string) => rollouts.history(route),
    revision: (revision: number) => rollouts.revision(revision),
    replay: (route: string) => rollouts.replay(route),
    command: (command: Command) => rollouts.command(command),
    overlays: rollouts.overlays,
  };
}

function peersPort(replica: Replica | undefined) {
  if (replica === undefined) return undefined;
  return (what: string, body: unknown, gone: AbortSignal) => replica.answer(what, body, gone);
}
