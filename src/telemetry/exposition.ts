import { setImmediate } from 'node:timers/promises';
import { collectDefaultMetrics, type Metric, Registry } from '@prometheus-io/client';
import type { Family, Sample } from './family.ts';
import type { Metrics } from './metrics.ts';
import { mirrorFamilies } from './mirror-families.ts';
import { type ProcessFacts, processFamilies } from './process-families.ts';
import { ShownRows } from './shown-rows.ts';
import { exchangeFamilies, versionFamilies } from './traffic-families.ts';
import { type WatchFacts, watchFamilies } from './watch-families.ts';

export interface ExpositionPorts extends ProcessFacts {
  readonly metrics: Metrics;
  /** The monotonic clock of the exchanges, in milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  /** The watches of the Kubernetes API. */
  readonly watching: WatchFacts;
}

export interface Exposed {
  readonly contentType: string;
  readonly body: string;
}

/** Lines written in one go: about a millisecond of the thread that also serves the traffic. */
const linesAtOnce = 1_000;

/** What the client asks of a metric, as far as its formatting does. */
interface Formatted {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** Ours, or those of the client's own metrics. */
  readonly values: readonly unknown[];
}

/** Returns all metrics there are, for the exposition and for the reference. */
export function families(ports: ExpositionPorts): readonly Family[] {
  const shown = new ShownRows(ports.metrics.rows, ports.now);
  const toWallSeconds = (monotonicMs: number) =>
    (ports.wallNow() - (ports.now() - monotonicMs)) / 1_000;
  return [
    ...exchangeFamilies(ports.metrics, shown),
    ...mirrorFamilies(ports.metrics, shown),
    ...versionFamilies(ports.metrics, shown, toWallSeconds),
    ...processFamilies(ports.metrics, ports),
    ...watchFamilies(ports.watching, toWallSeconds),
  ];
}

/** Returns all metrics as text; as OpenMetrics where the `Accept` header prefers it. */
export type Expose = (accept: string | undefined) => Promise<Exposed>;

/**
 * Returns what writes the metrics, in the format a scraper asks for.
 *
 * The client library only writes: what it writes is read from our own counters at scrape time.
 * A registry has one format, hence two of them; nothing is registered in either, because a scrape
 * as OpenMetrics renames what it finds there.
 */
export function exposition(ports: ExpositionPorts): Expose {
  const all = families(ports);
  const text = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
  const openMetrics = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  /** `process_*` and `nodejs_*`. */
  const defaults = new Registry();
  collectDefaultMetrics({ register: defaults, eventLoopMonitoringPrecision: 20 });

  return async (accept) => {
    const isOpenMetrics = prefersOpenMetrics(accept ?? '');
    const registry = isOpenMetrics ? openMetrics : text;
    const written: string[] = [];
    for (const family of all) {
      for await (const part of parts(registry, family)) written.push(part);
    }
    written.push(...(await measured(registry, defaults)));
    return {
      contentType: registry.contentType,
      body: `${written.join('\n')}\n${isOpenMetrics ? '# EOF\n' : ''}`,
    };
  };
}

/** Returns the lines of the client's own metrics that have measured something. */
async function measured(registry: Registry, defaults: Registry): Promise<readonly string[]> {
  const written: string[] = [];
  for (const metric of await defaults.getMetricsAsJSON()) {
    // The mean of a histogram nothing was put into is not a number, and no measurement.
    const values = metric.values.filter(({ value }) => Number.isFinite(value));
    if (values.length > 0) written.push(await format(registry, { ...metric, values }));
  }
  return written;
}

/** Yields the lines of a family, with a breath for the traffic between many of them. */
async function* parts(registry: Registry, family: Family): AsyncIterable<string> {
  let values: Sample[] = [];
  let headed = false;
  const write = async (): Promise<string> => {
    const text = await format(registry, { ...family, values });
    values = [];
    if (!headed) {
      headed = true;
      return text;
    }
    return text.split('\n').slice(2).join('\n');
  };
  for (const samples of family.read()) {
    values.push(...samples);
    if (values.length < linesAtOnce) continue;
    yield await write();
    await setImmediate();
  }
  if (!headed || values.length > 0) yield await write();
}

/** In OpenMetrics a counter's family is named without `_total`; the client puts it on the lines. */
function format(registry: Registry, metric: Formatted): Promise<string> {
  const isOpenMetrics = registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE;
  const name =
    isOpenMetrics && metric.type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
  const asked = { get: async () => ({ ...metric, name }) };
  // The client wants one of its own metrics, but only ever calls `get` of it.
  return registry.getMetricsAsString(asked as unknown as Metric);
}

/** Returns whether OpenMetrics is asked for, by name and not after plain text. */
function prefersOpenMetrics(accept: string): boolean {
  let openMetrics = 0;
  let text = 0;
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = written === undefined ? 1 : Number(written) || 0;
    if (type === 'application/openmetrics-text') openMetrics = Math.max(openMetrics, quality);
    else if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openMetrics > 0 && openMetrics >= text;
}
