import { deserialize } from 'node:v8';
import type { Document } from '#core/document/document';
import { refusals } from '#core/http1/refusal';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Keys } from '../cli/keys.ts';
import type { Settings } from '../cli/settings.ts';
import { type Increments, Telling } from '../telemetry/increments.ts';
import { type Log, logOf } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { Follower } from '../workers/follower.ts';
import type { FileSet, SentDocument } from '../workers/messages.ts';
import { vitalsOf } from '../workers/vitals.ts';
import { bootedAtMs } from './clock.ts';
import { endLater, firstFault } from './faults.ts';
import { HandedFiles } from './handed-files.ts';
import { portsOf, type Traffic, trafficHere } from './traffic.ts';

/** What a worker is told to do. */
export interface Work {
  readonly place: number;
  readonly settings: Settings;
  readonly keys: Keys;
  /** Sessions of TLS are resumed whichever worker a client comes to. */
  readonly ticketKeys: Buffer;
  readonly files: readonly FileSet[];
  /** See `bootedAtMs`: the primary's. */
  readonly bootedAtMs: number;
}

/** The ports come as descriptors behind the standard streams and the channel. */
const firstPortFd = 4;

/** All that a worker is made of, from the moment that it knows what to do. */
interface Begun {
  readonly traffic: Traffic;
  readonly metrics: Metrics;
  readonly telling: Telling;
  readonly settings: Settings;
  readonly log: Log;
}

/**
 * Carries traffic as the primary says. Signals are the primary's: a terminal sends them to all
 * processes at once, and workers must outlive the drain's delay.
 */
export function work(): void {
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => {});
  const files = new HandedFiles();
  let begun: Begun | undefined;
  let prepared: Snapshot | undefined;
  const here = (): Begun => {
    if (begun === undefined) throw new TypeError('the worker has not begun');
    return begun;
  };
  const snapshotOf = async ({ bytes, hash, pairs }: SentDocument): Promise<Snapshot> => {
    const { traffic, metrics } = here();
    metrics.rows.take(pairs);
    // The primary has read and checked it.
    const document = deserialize(bytes) as Document;
    const snapshot = compile(document, { hash, rowOf: metrics.rows.rowOf });
    const troubles = await traffic.prepare(snapshot);
    if (troubles.length > 0) throw new Error(troubles.join('; '));
    return snapshot;
  };

  const follower = new Follower<Work, Increments>(process, {
    start: async (told, document) => {
      files.take(told.files);
      begun = begin(told, files);
      faultIn(begun).then((fault) => follower.faulty(fault));
      const { traffic, settings } = begun;
      traffic.swap(await snapshotOf(document));
      await traffic.listen(portsOf(settings).map((_, index) => firstPortFd + index));
    },
    files: (changed) => files.take(changed),
    prepare: async (document) => {
      prepared = await snapshotOf(document);
    },
    commit: () => {
      if (prepared !== undefined) here().traffic.swap(prepared);
      prepared = undefined;
    },
    counts: () => here().telling.take(),
    vitals: vitalsOf(() => begun?.metrics.totals.connections[0] ?? 0),
    versions: (route) => here().traffic.versions(route),
    letGo: (connections) => here().traffic.letGo(connections),
    drain: (times) => here().traffic.drain(times),
    orphanMs: () => here().settings.drainTimeoutMs,
    exit: (code) => process.exit(code),
  });
}

function begin({ place, settings, keys, ticketKeys, ...primary }: Work, files: HandedFiles): Begun {
  const log = logOf({ level: settings.logLevel, worker: place });
  // All processes of a Turnout tell the time as the primary does.
  const offsetMs = bootedAtMs() - primary.bootedAtMs;
  const now = () => performance.now() + offsetMs;
  const metrics = new Metrics({ refusals: Object.keys(refusals), now });
  const tlsFiles = { watching: () => files.watch, ticketKeys, mended: () => {} };
  const traffic = trafficHere({ settings, keys, metrics, log, tlsFiles, now });
  return { traffic, metrics, telling: new Telling(metrics), settings, log };
}

function faultIn({ log, metrics }: Begun): Promise<string> {
  return firstFault({ log, metrics, events: process, endLater });
}
