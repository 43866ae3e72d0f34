import { handshakeFailures } from '#core/exchange/handshake-failure';
import { nameTroubles } from '#core/exchange/labels';
import type { Family, Sample } from './family.ts';
import { causes, type Metrics } from './metrics.ts';
import { type ReplicaFacts, replicaFamilies } from './replica-families.ts';
import { type RolloutFacts, rolloutFamilies } from './rollout-families.ts';
import { type ConnectionSide, sides } from './totals.ts';
import { type WorkerFacts, workerFamilies } from './worker-families.ts';

/** What is known of the document's way; the source of documents keeps these counts. */
export interface DocumentFacts {
  /** Hash of the document in force; undefined before the first. */
  readonly hash: string | undefined;
  /** Where documents come from: `file`, `configmap`. */
  readonly source: string;
  /** When a document was last found good, in milliseconds since 1970. */
  readonly lastSuccessAt: number | undefined;
  /** How long the one in force took to be so, since it was heard of and since it was written. */
  readonly activation: { readonly tookMs: number; readonly ageMs: number | undefined } | undefined;
  /** Set while the source holds a document that was refused. */
  readonly refusal: unknown;
  readonly counts: Readonly<Record<'applied' | 'unchanged' | 'refused', number>>;
}

/** What is known of a certificate that we show to clients or to versions, or of authorities. */
export interface CertificateFacts {
  readonly side: ConnectionSide;
  /** Its file, as it was configured. */
  readonly file: string;
  /** In milliseconds since 1970; undefined for authorities. */
  readonly expiresAt: number | undefined;
  /** Set while the files hold something that was refused. */
  readonly refusal: unknown;
  readonly counts: Readonly<Record<'applied' | 'refused', number>>;
}

export interface ProcessFacts {
  readonly workers: WorkerFacts;
  readonly rollouts: RolloutFacts;
  /** Undefined, or without an answer, where a process is alone. */
  readonly replica?: (() => ReplicaFacts | undefined) | undefined;
  readonly document: () => DocumentFacts;
  readonly certificates: () => readonly CertificateFacts[];
  readonly draining: () => boolean;
  /** Turnout's version. */
  readonly version: string;
}

/** Returns the metrics of the document's way, of the rollouts, and of the process itself. */
export function processFamilies(metrics: Metrics, facts: ProcessFacts): readonly Family[] {
  return [
    ...documentFamilies(metrics, facts),
    ...rolloutFamilies(facts.rollouts),
    ...replicaFamilies(facts.replica ?? (() => undefined)),
    ...connectionFamilies(metrics),
    ...certificateFamilies(facts),
    ...workerFamilies(facts.workers),
    ...ownFamilies(metrics, facts),
  ];
}

function documentFamilies(metrics: Metrics, { document }: ProcessFacts): readonly Family[] {
  return [
    {
      name: 'turnout_document_reloads_total',
      help: 'Documents that were read, by what became of them.',
      type: 'counter',
      labels: ['result'],
      read: () => [
        Object.entries(document().counts).map(([result, value]) => ({ value, labels: { result } })),
      ],
    },
    {
      name: 'turnout_document_last_reload_successful',
      help: '1 where the source holds what is in force, 0 after a document was refused.',
      type: 'gauge',
      labels: [],
      read: () => {
        const { hash, refusal } = document();
        return one(hash !== undefined && refusal === undefined ? 1 : 0);
      },
    },
    {
      name: 'turnout_document_last_success_timestamp_seconds',
      help: 'When a document was last found good; 0 before the first.',
      type: 'gauge',
      labels: [],
      read: () => one((document().lastSuccessAt ?? 0) / 1_000),
    },
    {
      name: 'turnout_document_activation_seconds',
      help: 'How long the document in force took from being heard of to being in force.',
      type: 'gauge',
      labels: [],
      read: () => seconds(document().activation?.tookMs),
    },
    {
      name: 'turnout_document_age_at_activation_seconds',
      help: 'How long after a ConfigMap was written it was in force, by whole seconds of another clock; not of the first one.',
      type: 'gauge',
      labels: [],
      read: () => seconds(document().activation?.ageMs),
    },
    {
      name: 'turnout_document_info',
      help: 'The document in force; replicas with other hashes disagree.',
      type: 'gauge',
      labels: ['hash', 'source'],
      read: () => {
        const { hash, source } = document();
        return hash === undefined ? [] : [[{ value: 1, labels: { hash, source } }]];
      },
    },
    {
      name: 'turnout_snapshot_generation',
      help: 'Number of the snapshot in force: how often one was swapped in by this process.',
      type: 'gauge',
      labels: [],
      read: () => one(metrics.inForce().number),
    },
    {
      name: 'turnout_snapshot_swaps_total',
      help: 'Snapshots that were put in force, by what changed.',
      type: 'counter',
      labels: ['cause'],
      read: () => list(causes, metrics.swaps, (cause) => ({ cause })),
    },
  ];
}

function connectionFamilies(metrics: Metrics): readonly Family[] {
  return [
    {
      name: 'turnout_connections',
      help: 'Open connections, on the side of the clients and of the versions.',
      type: 'gauge',
      labels: ['side'],
      read: () => list(sides, metrics.totals.connections, (side) => ({ side })),
    },
    {
      // Not connections_total: OpenMetrics knows both by the name connections.
      name: 'turnout_connections_opened_total',
      help: 'Connections that were opened.',
      type: 'counter',
      labels: ['side'],
      read: () => list(sides, metrics.totals.connectionsTotal, (side) => ({ side })),
    },
    {
      name: 'turnout_refused_messages_total',
      help: 'Messages whose bytes are ambiguous or forbidden, by what was wrong.',
      type: 'counter',
      labels: ['reason'],
      read: () => list(metrics.refusals, metrics.totals.refused, (reason) => ({ reason })),
    },
    {
      name: 'turnout_tls_handshake_failures_total',
      help: 'TLS handshakes with clients that failed, by what was wrong.',
      type: 'counter',
      labels: ['reason'],
      read: () => list(handshakeFailures, metrics.totals.handshakes, (reason) => ({ reason })),
    },
    {
      name: 'turnout_name_lookup_failures_total',
      help: 'Looks at the name of an endpoint that brought no addresses, by what was wrong.',
      type: 'counter',
      labels: ['reason'],
      read: () => list(nameTroubles, metrics.totals.nameFailures, (reason) => ({ reason })),
    },
    {
      name: 'turnout_bugs_total',
      help: 'Throws that were caught on the data path. Each one is a bug: please report it.',
      type: 'counter',
      labels: [],
      read: () => one(metrics.totals.bugs[0] ?? 0),
    },
    {
      name: 'turnout_shed_level',
      help: 'What is shed under too much load: 0 nothing, 1 keep-alive, 2 requests, 3 connections.',
      type: 'gauge',
      labels: [],
      read: () =>
        one(
          Math.max(
            0,
            metrics.totals.shedding.findLastIndex((count) => count > 0),
          ),
        ),
    },
  ];
}

function certificateFamilies({ certificates }: ProcessFacts): readonly Family[] {
  return [
    {
      name: 'turnout_tls_certificate_expiry_timestamp_seconds',
      help: 'When a certificate expires that is shown to clients (downstream) or versions (upstream).',
      type: 'gauge',
      labels: ['side', 'certificate'],
      read: () => [
        certificates().flatMap(({ side, file, expiresAt }) =>
          expiresAt === undefined
            ? []
            : { value: expiresAt / 1_000, labels: { side, certificate: file } },
        ),
      ],
    },
    {
      name: 'turnout_tls_certificate_reloads_total',
      help: 'Certificates, keys and authorities that were read, by what became of them.',
      type: 'counter',
      labels: ['side', 'certificate', 'result'],
      read: () => [
        certificates().flatMap(({ side, file, counts }) =>
          Object.entries(counts).map(([result, value]) => ({
            value,
            labels: { side, certificate: file, result },
          })),
        ),
      ],
    },
    {
      name: 'turnout_tls_certificate_last_reload_successful',
      help: '1 where the files hold what is in use, 0 after they were refused.',
      type: 'gauge',
      labels: ['side', 'certificate'],
      read: () => [
        certificates().map(({ side, file, refusal }) => ({
          value: refusal === undefined ? 1 : 0,
          labels: { side, certificate: file },
        })),
      ],
    },
  ];
}

function ownFamilies(metrics: Metrics, facts: ProcessFacts): readonly Family[] {
  return [
    {
      name: 'turnout_series_overflow_pairs',
      help: 'Pairs of route and version that are counted as _overflow.',
      type: 'gauge',
      labels: [],
      read: () => one(metrics.rows.overflowPairs()),
    },
    {
      name: 'turnout_draining',
      help: '1 while the process finishes what is begun and is about to end.',
      type: 'gauge',
      labels: [],
      read: () => one(facts.draining() ? 1 : 0),
    },
    {
      name: 'turnout_build_info',
      help: 'The version of Turnout and of Node that run.',
      type: 'gauge',
      labels: ['version', 'node'],
      read: () => [[{ value: 1, labels: { version: facts.version, node: process.version } }]],
    },
  ];
}

function seconds(ms: number | undefined): readonly (readonly Sample[])[] {
  return ms === undefined ? [] : one(ms / 1_000);
}

function one(value: number): readonly (readonly Sample[])[] {
  return [[{ value }]];
}

function list(
  names: readonly string[],
  values: ArrayLike<number>,
  labels: (name: string) => Readonly<Record<string, string>>,
): readonly (readonly Sample[])[] {
  return [names.map((name, at) => ({ value: values[at] ?? 0, labels: labels(name) }))];
}
