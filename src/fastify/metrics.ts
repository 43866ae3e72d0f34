import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { failures } from '#core/exchange/failure';
import {
  beforeTheChoice,
  codeClasses,
  decisionReasons,
  durationBoundsSeconds,
  foreseenCodes,
  namedMethods,
} from '#core/exchange/labels';
import { outcomeOf, outcomes } from '#core/exchange/outcome';
import { routeLabel } from '#core/routing/route-label';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './rules-in-force.ts';

const knownMethods: ReadonlySet<string> = new Set(namedMethods);

type Labels = Readonly<Record<string, string>>;

/** Counts exchanges under the names that the proxy uses, in a registry of the service's choice. */
export class Metrics {
  readonly registry: Registry;
  readonly #requests: Counter<string>;
  readonly #durations: Histogram<string>;
  readonly #upstream: Histogram<string>;
  readonly #outcomes: Counter<string>;
  readonly #errors: Counter<string>;
  readonly #decisions: Counter<string>;
  readonly #unitSources: Counter<string>;
  readonly #inFlight: Gauge<string>;
  readonly #reloads: Counter<string>;
  readonly #lastReload: Gauge<string>;
  readonly #info: Gauge<string>;
  readonly #source: string;
  #hash: string | undefined;

  constructor(registry: Registry | undefined, source: 'file' | 'text') {
    this.registry = registry ?? new Registry();
    this.#source = source;
    const family = new Families(this.registry);
    const pair = ['route', 'version'];
    this.#requests = family.counter(
      'turnout_requests_total',
      'Requests that have ended, by the status the client was sent (0: none).',
      [...pair, 'method', 'code'],
    );
    this.#durations = family.histogram(
      'turnout_request_duration_seconds',
      'Time from the start of a request to the end of its response, as the client sees it.',
      [...pair, 'code_class'],
    );
    this.#upstream = family.histogram(
      'turnout_upstream_duration_seconds',
      "Time from the start of a request to the upstream's response head.",
      pair,
    );
    this.#outcomes = family.counter(
      'turnout_outcomes_total',
      'What exchanges say about their version: a fault of the client is ignored.',
      [...pair, 'outcome'],
    );
    this.#errors = family.counter(
      'turnout_errors_total',
      "Exchanges that ended without the upstream's whole answer, by reason.",
      [...pair, 'reason'],
    );
    this.#decisions = family.counter(
      'turnout_decisions_total',
      'Why exchanges were given their version, by stage and audience.',
      [...pair, 'reason', 'audience'],
    );
    this.#unitSources = family.counter(
      'turnout_unit_source_total',
      'Where the unit of a request was found, as the document says it.',
      ['route', 'source'],
    );
    this.#inFlight = family.gauge(
      'turnout_in_flight_requests',
      'Requests that have begun and not ended.',
      pair,
    );
    this.#reloads = family.counter(
      'turnout_document_reloads_total',
      'Documents that were read, by what became of them.',
      ['result'],
    );
    this.#lastReload = family.gauge(
      'turnout_document_last_reload_successful',
      '1 where the source holds what is in force, 0 after a document was refused.',
      [],
    );
    this.#info = family.gauge(
      'turnout_document_info',
      'The document in force; replicas with other hashes disagree.',
      ['hash', 'source'],
    );
  }

  /** Counts an exchange into flight. Returns what counts it out again, wherever it is by then. */
  began(exchange: Exchange): () => void {
    const labels = labelsOf(exchange);
    this.#inFlight.inc(labels, 1);
    return () => this.#inFlight.dec(labels, 1);
  }

  /** Counts an exchange that has ended. `status` is 0 where the client was sent none. */
  ended(exchange: Exchange, status: number, endedAt: number): void {
    const labels = labelsOf(exchange);
    const { failure, method, respondedAt, startedAt } = exchange;
    const code = status === 0 || (status >= 100 && status < 600) ? String(status) : 'other';
    this.#requests.inc({ ...labels, method: knownMethods.has(method) ? method : '_OTHER', code });
    this.#durations.observe(
      { ...labels, code_class: classOf(status) },
      (endedAt - startedAt) / 1_000,
    );
    if (respondedAt > 0) this.#upstream.observe(labels, (respondedAt - startedAt) / 1_000);
    this.#outcomes.inc({ ...labels, outcome: outcomeOf(failure, status) });
    if (failure !== undefined) this.#errors.inc({ ...labels, reason: failure });
    this.#decided(exchange, labels);
  }

  #decided({ route, assignment }: Exchange, labels: Labels): void {
    if (route === undefined || assignment.version === undefined) return;
    const { reason, audience, unitSource } = assignment;
    const name = reason === 'audience' ? (audience?.name ?? '') : '';
    this.#decisions.inc({ ...labels, reason, audience: name });
    const without = route.unit.length === 0 ? 'request' : 'none';
    const source = route.unit[unitSource]?.text ?? without;
    this.#unitSources.inc({ route: routeLabel(route.name), source });
  }

  /** Counts a look at the source, and makes the series of a new snapshot's pairs at 0. */
  looked(outcome: Outcome): void {
    this.#reloads.inc({ result: outcome.kind });
    if (outcome.kind === 'unchanged') return;
    this.#lastReload.set(outcome.kind === 'applied' ? 1 : 0);
    if (outcome.kind === 'applied') this.#swapped(outcome.snapshot);
  }

  #swapped(snapshot: Snapshot): void {
    if (this.#hash !== undefined) this.#info.remove({ hash: this.#hash, source: this.#source });
    this.#hash = snapshot.hash;
    this.#info.set({ hash: snapshot.hash, source: this.#source }, 1);
    for (const { name, versions, audiences } of snapshot.routes) {
      for (const version of versions)
        this.#foresee({ route: routeLabel(name), version: version.name });
      for (const { name: audience, split } of audiences) {
        for (const version of split?.versions ?? []) {
          const labels = {
            route: routeLabel(name),
            version: version.name,
            reason: 'audience',
            audience,
          };
          this.#decisions.inc(labels, 0);
        }
      }
    }
  }

  #foresee(pair: Labels): void {
    for (const code of foreseenCodes) this.#requests.inc({ ...pair, method: 'GET', code }, 0);
    for (const code_class of codeClasses) this.#durations.zero({ ...pair, code_class });
    this.#upstream.zero(pair);
    for (const outcome of outcomes) this.#outcomes.inc({ ...pair, outcome }, 0);
    for (const reason of Object.keys(failures)) {
      if (!beforeTheChoice.has(reason)) this.#errors.inc({ ...pair, reason }, 0);
    }
    for (const reason of decisionReasons) this.#decisions.inc({ ...pair, reason, audience: '' }, 0);
    this.#inFlight.inc(pair, 0);
  }
}

/** Makes metrics in a registry, or finds them there: a service may register the plugin twice. */
class Families {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  counter(name: string, help: string, labelNames: readonly string[]): Counter<string> {
    const known = this.#registry.getSingleMetric(name);
    if (known instanceof Counter) return known;
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  gauge(name: string, help: string, labelNames: readonly string[]): Gauge<string> {
    const known = this.#registry.getSingleMetric(name);
    if (known instanceof Gauge) return known;
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  histogram(name: string, help: string, labelNames: readonly string[]): Histogram<string> {
    const known = this.#registry.getSingleMetric(name);
    if (known instanceof Histogram) return known;
    return new Histogram({
      name,
      help,
      labelNames,
      buckets: [...durationBoundsSeconds],
      registers: [this.#registry],
    });
  }
}

function labelsOf({ route, assignment }: Exchange): Labels {
  const version = assignment.version ?? assignment.assigned;
  return { route: routeLabel(route?.name ?? ''), version: version?.name ?? '' };
}

function classOf(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none';
}
