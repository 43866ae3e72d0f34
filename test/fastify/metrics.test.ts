import { Registry } from '@prometheus-io/client';
import { test } from 'tap';
import { hashOf as hashOfRun } from '../../src/config/reload.ts';
import { Metrics } from '../../src/fastify/metrics.ts';
import { hashOf } from '../../src/fastify/rules-in-force.ts';
import { families } from '../../src/telemetry/exposition.ts';
import { Metrics as ProxyMetrics } from '../../src/telemetry/metrics.ts';
import { noRollouts } from '../../src/telemetry/rollout-families.ts';
import { noWatches } from '../../src/telemetry/watch-families.ts';
import { noWorkers } from '../../src/telemetry/worker-families.ts';
import { service, upstream } from './service.ts';

const v1 = await upstream('v1');
const text = `apiVersion: turnout/v1
routes:
  - name: shop
    match: { path: /shop }
    versions: { v1: { url: "${v1.url}" } }
    audiences: [{ name: phones, when: { device: mobile }, version: v1 }]
`;

/** Returns the lines of a metric without its buckets. */
function linesOf(exposed: string, name: string): string[] {
  return exposed.split('\n').filter((line) => line.startsWith(name) && !line.includes('_bucket'));
}

test('counts requests, decisions, durations and errors by route and version', async (t) => {
  const registry = new Registry();
  const { app, call, close } = await service({ rules: { text }, registry });
  t.teardown(close);
  await call('/shop');
  await call('/shop', { method: 'POST', body: 'x', headers: { 'sec-ch-ua-mobile': '?1' } });
  await call('/nowhere');
  const exposed = await app.turnout.metrics();
  t.equal(exposed, await registry.metrics(), 'they are in the registry that was given');
  t.equal(app.turnout.contentType, registry.contentType);
  const pair = 'route="shop",version="v1"';
  for (const line of [
    `turnout_requests_total{${pair},method="GET",code="200"} 1`,
    `turnout_requests_total{${pair},method="POST",code="200"} 1`,
    `turnout_requests_total{${pair},method="GET",code="503"} 0`,
    'turnout_requests_total{route="",version="",method="GET",code="404"} 1',
    `turnout_request_duration_seconds_count{${pair},code_class="2xx"} 2`,
    `turnout_request_duration_seconds_count{${pair},code_class="5xx"} 0`,
    `turnout_upstream_duration_seconds_count{${pair}} 2`,
    `turnout_decisions_total{${pair},reason="split",audience=""} 1`,
    `turnout_decisions_total{${pair},reason="audience",audience="phones"} 1`,
    `turnout_unit_source_total{route="shop",source="none"} 2`,
    'turnout_errors_total{route="",version="",reason="no_route"} 1',
    `turnout_errors_total{${pair},reason="connect_failure"} 0`,
    `turnout_outcomes_total{${pair},outcome="success"} 2`,
    `turnout_in_flight_requests{${pair}} 0`,
    'turnout_document_reloads_total{result="applied"} 1',
    `turnout_document_info{hash="${hashOf(text)}",source="text"} 1`,
  ]) {
    t.ok(exposed.split('\n').includes(line), line);
  }
  t.equal(linesOf(exposed, 'turnout_decisions_total').length, 5);
});

test('two registrations share a registry', async (t) => {
  const registry = new Registry();
  const first = await service({ rules: { text }, registry });
  t.teardown(first.close);
  const second = await service({ rules: { text }, registry });
  t.teardown(second.close);
  await first.call('/shop');
  await second.call('/shop');
  const line = 'turnout_requests_total{route="shop",version="v1",method="GET",code="200"} 2';
  t.match(await registry.metrics(), line);
});

test('says what the proxy says, under the same names', async (t) => {
  const metrics = new Metrics(undefined, 'text');
  const proxy = families({
    metrics: new ProxyMetrics({ refusals: [] }),
    now: () => 0,
    wallNow: () => 0,
    version: '0',
    draining: () => false,
    certificates: () => [],
    workers: noWorkers,
    watching: noWatches,
    rollouts: noRollouts,
    document: () => ({ hash: undefined, source: 'file' }) as never,
  });
  const typeInProxy = new Map(proxy.map(({ name, type }) => [name as string, type]));
  for (const { name, type } of metrics.registry.getMetricsAsArray()) {
    t.equal(type as unknown, typeInProxy.get(name), name);
  }
  t.equal(hashOf(text), hashOfRun(text));
});

test('closes the version', async () => {
  await v1.close();
});
