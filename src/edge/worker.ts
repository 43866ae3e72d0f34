import { deserialize } from 'node:v8';
import type { Document } from '#core/document/document';
import { refusals } from '#core/http1/refusal';
import { compile } from '#core/snapshot/compile';
import { type RuleChanges, withChanges } from '#core/snapshot/rule-changes';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Keys } from '../cli/keys.ts';
import type { Settings } from '../cli/settings.ts';
import type { Tally } from '../rollout/tally.ts';
import { Telling } from '../telemetry/increments.ts';
import { type Log, logOf } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { Follower } from '../workers/follower.ts';
import type { FileSet, SentDocument } from '../workers/messages.ts';
import { vitalsOf } from '../workers/vitals.ts';
import { bootedAtMs } from './clock.ts';
import type { Counts } from './counts.ts';
import { endLater, firstFault } from './faults.ts';
import { HandedFiles } from './handed-files.ts';
import { tallyHere } from './tally-here.ts';
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
  readonly tally: Tally;
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
  let prepared: { readonly snapshot: Snapshot; readonly generation: number } | undefined;
  let generation = 0;
  const here = (): Begun => {
    if (begun === undefined) throw new TypeError('the worker has not begun');
    return begun;
  };
  const snapshotOf = async (sent: SentDocument): Promise<Snapshot> => {
    const { traffic, metrics } = here();
    metrics.rows.take(sent.pairs);
    const { snapshot: before } = metrics.inForce();
    const document = documentOf(sent, generation, before?.document);
    const { hash } = sent;
    const snapshot = compile(document, { hash, rowOf: metrics.rows.rowOf, before });
    const troubles = await traffic.prepare(snapshot);
    if (troubles.length > 0) throw new Error(troubles.join('; '));
    return snapshot;
  };

  const follower = new Follower<Work, Counts>(process, {
    start: async (told, document) => {
      files.take(told.files);
      begun = begin(told, files, () => follower.urgent());
      faultIn(begun).then((fault) => follower.faulty(fault));
      const { traffic, settings } = begun;
      traffic.swap(await snapshotOf(document), 'document');
      generation = document.generation;
      await traffic.listen(portsOf(settings).map((_, index) => firstPortFd + index));
    },
    files: (changed) => files.take(changed),
    prepare: async (document) => {
      prepared = { snapshot: await snapshotOf(document), generation: document.generation };
    },
    commit: () => {
      if (prepared === undefined) return;
      here().traffic.swap(prepared.snapshot, 'document');
      generation = prepared.generation;
      prepared = undefined;
    },
    counts: () => ({ metrics: here().telling.take(), tallies: here().tally.take() }),
    urgentCounts: () => ({ metrics: undefined, tallies: here().tally.take() }),
    vitals: vitalsOf(() => begun?.metrics.totals.connections[0] ?? 0),
    versions: (route) => here().traffic.versions(route),
    letGo: (connections) => here().traffic.letGo(connections),
    drain: (times) => here().traffic.drain(times),
    orphanMs: () => here().settings.drainTimeoutMs,
    exit: (code) => process.exit(code),
  });
}

/** Returns a document that was sent: the primary has read and checked it. */
function documentOf(
  { bytes, since }: SentDocument,
  generation: number,
  before: Document | undefined,
): Document {
  if (since === undefined) return deserialize(bytes) as Document;
  if (before === undefined || since !== generation) {
    throw new Error(`generation ${generation} is in force here, not ${since}`);
  }
  return withChanges(before, deserialize(bytes) as RuleChanges);
}

function begin(
  { place, settings, keys, ticketKeys, ...primary }: Work,
  files: HandedFiles,
  urgent: () => void,
): Begun {
  const log = logOf({ level: settings.logLevel, worker: place });
  // All processes of a Turnout tell the time as the primary does.
  const offsetMs = bootedAtMs() - primary.bootedAtMs;
  const now = () => performance.now() + offsetMs;
  const metrics = new Metrics({ refusals: Object.keys(refusals), now });
  const tlsFiles = { watching: () => files.watch, ticketKeys, mended: () => {} };
  const tally = tallyHere(urgent);
  const traffic = trafficHere({ settings, keys, metrics, log, tlsFiles, now }, tally);
  return { traffic, metrics, telling: new Telling(metrics), tally, settings, log };
}

function faultIn({ log, metrics }: Begun): Promise<string> {
  return firstFault({ log, metrics, events: process, endLater });
}
