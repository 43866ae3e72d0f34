import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { addUp } from '#core/endpoints/version-view';
import { ruleChanges } from '#core/snapshot/rule-changes';
import type { Snapshot } from '#core/snapshot/snapshot';
import { Adding } from '../telemetry/adding.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type BoundPort, bindPort } from '../workers/bind-port.ts';
import { Crew } from '../workers/crew.ts';
import type { SentDocument } from '../workers/messages.ts';
import type { Sum } from '../workers/ports.ts';
import { youngGenerationArgs } from '../young-generation.ts';
import type { Carrier, Tallies } from './carrier.ts';
import { bootedAtMs } from './clock.ts';
import type { Counts } from './counts.ts';
import { GoodFiles } from './handed-files.ts';
import { logCrewEvent } from './log-crew-event.ts';
import {
  certificateFacts,
  certificatesOf,
  servedCertificates,
  upstreamContexts,
} from './tls-files.ts';
import { portsOf, type TrafficParts } from './traffic.ts';
import type { Work } from './worker.ts';

/** In a checkout this file is TypeScript, in the package JavaScript: so is what a worker runs. */
const workerFile = fileURLToPath(
  new URL(`../worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** Returns a carrier that is a crew of workers: this process is their primary. */
export function carrierOfWorkers(parts: TrafficParts, tallies: Tallies): Carrier {
  const { settings, keys, metrics, log, now } = parts;
  const { ticketKeys } = parts.tlsFiles;
  const files = new GoodFiles((changed) => crew.hand([changed]));
  const tlsFiles = {
    ...parts.tlsFiles,
    watching: (ifMissing: string) => files.watching(parts.tlsFiles.watching(ifMissing)),
  };
  // Nobody here speaks TLS: what is read is checked, and given to the workers.
  const contexts = upstreamContexts(log, tlsFiles);
  const served = servedCertificates(settings, log, tlsFiles);
  const crew = new Crew<Work, Counts>({
    size: settings.workers,
    command: [process.execPath, ...youngGenerationArgs, ...execArgv(), workerFile],
    work: (place) => ({
      place,
      settings,
      keys,
      ticketKeys,
      files: files.all(),
      bootedAtMs: bootedAtMs(),
    }),
    sum: () => sumOf(new Adding(metrics), tallies),
    urgent: tallies.onUrgent,
    happened: (event) => logCrewEvent(log, event),
    now,
  });
  process.on('exit', () => crew.kill());
  const closeFiles = () => {
    contexts.close();
    served?.close();
  };
  return {
    prepare: (snapshot) => contexts.prepare(snapshot),
    swap: async (snapshot, cause) => {
      const { whole, changes } = sentDocuments(snapshot, metrics);
      if (cause === 'document' || changes === undefined) await crew.swap(whole(), whole);
      // Whoever cannot use changes is sent all of it.
      else await crew.swap(changes, whole).catch(() => crew.swap(whole(), whole));
      metrics.swapped(snapshot, cause);
      contexts.retain(snapshot);
    },
    listen: async () => {
      if (served !== undefined) await certificatesOf(served);
      const ports = portsOf(settings);
      const bound: BoundPort[] = [];
      for (const { at } of ports) bound.push(await bindPort(at));
      await crew.start(bound);
      return bound.map(({ address, port }, index) => ({
        scheme: ports[index]?.scheme ?? 'http',
        host: address,
        port,
      }));
    },
    certificates: () => certificateFacts(served, contexts),
    isListening: () => crew.status().some(({ state }) => state === 'serving'),
    versions: async (route) => addUp(await crew.show(route)),
    collect: () => crew.collect(),
    workers: {
      status: () => crew.status(),
      replaced: () => crew.replaced(),
      cpuSeconds: () => crew.cpuSeconds(),
    },
    broken: crew.broken,
    drain: async (times) => {
      const drained = await crew.drain(times);
      closeFiles();
      return drained;
    },
    close: () => {
      crew.kill();
      closeFiles();
    },
  };
}

/** Returns a snapshot's document as it goes to the workers: all of it, and what has changed. */
function sentDocuments(snapshot: Snapshot, metrics: Metrics) {
  const { snapshot: before, number } = metrics.inForce();
  const { hash, document } = snapshot;
  const sent = { generation: number + 1, hash, pairs: metrics.rows.pairs() };
  let all: SentDocument | undefined;
  const whole = (): SentDocument => {
    all ??= { ...sent, bytes: serialize(document) };
    return all;
  };
  const rules = before && ruleChanges(before.document, document);
  const changes = rules && { ...sent, bytes: serialize(rules), since: number };
  return { whole, changes };
}

/** What was counted for the judge stays, whatever becomes of the worker. */
function sumOf(adding: Adding, { onIncrement }: Tallies): Sum<Counts> {
  return {
    add: ({ metrics, tallies }) => {
      if (metrics !== undefined) adding.add(metrics);
      for (const increment of tallies) onIncrement(increment);
    },
    drop: () => adding.drop(),
  };
}

/** A debugger has the port of this process; each worker would want it too. */
function execArgv(): readonly string[] {
  return process.execArgv.filter((word) => !word.startsWith('--inspect'));
}
