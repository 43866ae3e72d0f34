import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { addUp } from '#core/endpoints/version-view';
import { Adding } from '../telemetry/adding.ts';
import type { Increments } from '../telemetry/increments.ts';
import { type BoundPort, bindPort } from '../workers/bind-port.ts';
import { Crew } from '../workers/crew.ts';
import { youngGenerationArgs } from '../young-generation.ts';
import type { Carrier } from './carrier.ts';
import { bootedAtMs } from './clock.ts';
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
export function carrierOfWorkers(parts: TrafficParts): Carrier {
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
  const crew = new Crew<Work, Increments>({
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
    sum: () => new Adding(metrics),
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
    swap: async (snapshot) => {
      await crew.swap({
        generation: metrics.inForce().number + 1,
        hash: snapshot.hash,
        bytes: serialize(snapshot.document),
        pairs: metrics.rows.pairs(),
      });
      metrics.swapped(snapshot, 'document');
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

/** A debugger has the port of this process; each worker would want it too. */
function execArgv(): readonly string[] {
  return process.execArgv.filter((word) => !word.startsWith('--inspect'));
}
