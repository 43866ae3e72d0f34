import type { Test } from 'tap';
import type { Document } from '#core/document/document';
import { refusals } from '#core/http1/refusal';
import type { RouteRule } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import { readSettings } from '../../src/cli/settings.ts';
import { type Carrier, carrierAlone } from '../../src/edge/carrier.ts';
import { carrierOfWorkers } from '../../src/edge/carrier-of-workers.ts';
import { monotonic } from '../../src/edge/clock.ts';
import { tlsFilesOf } from '../../src/edge/tls-files.ts';
import type { TallyIncrement } from '../../src/rollout/increment.ts';
import { logOf } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** What carries traffic by rules that no document could say. */
export interface Carried {
  readonly port: number;
  readonly carrier: Carrier;
  readonly metrics: Metrics;
  readonly told: readonly TallyIncrement[];
  /** How much was told when something urgent was. */
  readonly urgent: readonly number[];
  readonly swap: (...rules: readonly RouteRule[]) => Promise<void>;
}

export async function carried(
  t: Test,
  workers: number,
  ...rules: readonly RouteRule[]
): Promise<Carried> {
  const { settings } = readSettings(
    { listen: '127.0.0.1:0', admin: 'off', workers: `${workers}`, logLevel: 'silent' },
    {},
  );
  if (settings === undefined) throw new Error('the settings are good');
  const log = logOf({ level: 'silent' });
  const metrics = new Metrics({ refusals: Object.keys(refusals), now: monotonic });
  const told: TallyIncrement[] = [];
  const urgent: number[] = [];
  const tallies = {
    onIncrement: (increment: TallyIncrement) => told.push(increment),
    onUrgent: () => urgent.push(told.length),
  };
  const parts = {
    settings,
    keys: new Map(),
    metrics,
    log,
    tlsFiles: tlsFilesOf(log, () => {}),
    now: monotonic,
  };
  const carrier = workers === 1 ? carrierAlone(parts, tallies) : carrierOfWorkers(parts, tallies);
  t.teardown(() => carrier.close());
  const swap = async (...routes: readonly RouteRule[]) => {
    const document: Document = { apiVersion: 'turnout/v1', routes };
    const snapshot = compile(document, { hash: 'a1b2c3d4e5f6', rowOf: metrics.rows.rowOf });
    await carrier.prepare(snapshot);
    await carrier.swap(snapshot, 'document');
  };
  await swap(...rules);
  const [address] = await carrier.listen();
  return { port: address?.port ?? 0, carrier, metrics, told, urgent, swap };
}
