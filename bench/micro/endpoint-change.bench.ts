// What does a change of endpoints cost beside a rollout's step, with 5,000 routes?
import type { EndpointSlice } from '../../src/core/kubernetes/objects.ts';
import type { RouteRule, ServiceRule } from '../../src/core/routing/rules.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { type WithEndpoints, withEndpoints } from '../../src/core/snapshot/with-endpoints.ts';
import { Services } from '../../src/endpoints/services.ts';
import type { FleetHouse } from '../../src/proxy/fleet.ts';
import { Fleets } from '../../src/proxy/fleets.ts';
import { Pools } from '../../src/proxy/pool.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { FakeCluster } from '../../test/support/fake-cluster.ts';
import { snapshotOf } from './routes.ts';

const routes = 5_000;
const runs = 41;
const nothing = () => {};
const ports: FleetHouse['ports'] = {
  followName: () => nothing,
  check: () => nothing,
  isAdmin: () => false,
  endpoints: nothing,
  panicking: nothing,
  ejected: nothing,
  waiting: nothing,
  retried: nothing,
  retryDenied: nothing,
  assign: { random: Math.random },
};

/** All that a process does for a swap, beside telling its workers. */
class House {
  readonly #fleets = new Fleets({
    ports,
    pools: new Pools(),
    deadlines: { now: 1_000_000 },
    processes: 1,
  });
  readonly #metrics = new Metrics({ refusals: [], maxNamedPairs: 20_000 });
  readonly #options = { hash: '0'.repeat(12), rowOf: this.#metrics.rows.rowOf };

  swap(document: Snapshot['document'], before: Snapshot | undefined): Snapshot {
    const snapshot = compile(document, { ...this.#options, before });
    this.#metrics.swapped(snapshot, 'endpoints');
    this.#fleets.swap(snapshot);
    return snapshot;
  }
}

const { document } = snapshotOf(routes, (i) => ({ host: [`shop-${i}.example.com`] }));

/** Weights of one route change, as they did before there were services. */
function step(): () => void {
  const house = new House();
  let rules = document.routes;
  let snapshot = house.swap(document, undefined);
  let runs = 0;
  return () => {
    runs += 1;
    const [first, ...others] = rules;
    if (first === undefined) return;
    rules = [{ ...first, versions: reweighed(first, runs) }, ...others];
    snapshot = house.swap({ ...document, routes: rules }, snapshot);
  };
}

function reweighed({ versions }: RouteRule, runs: number) {
  return versions.map((version, at) => ({ ...version, weight: 1 + ((runs + at) % 100) }));
}

/** Endpoints change that so many routes have. */
function endpoints(sharing: number): () => void {
  const serviceOf = (route: number, version: string): ServiceRule => ({
    name: `shop-${version}-${Math.floor(route / sharing)}`,
    namespace: 'shop',
    port: 'http',
    protocol: 'http',
    podLabel: undefined,
  });
  const rules = document.routes.map((rule, at) => ({
    ...rule,
    versions: rule.versions.map((version) => ({
      ...version,
      urls: [],
      service: serviceOf(at, version.name),
    })),
  }));
  const written = { ...document, routes: rules };
  const cluster = new FakeCluster();
  const services = new Services({ watch: cluster.watch, namespace: 'shop', changed: nothing });
  services.follow(rules.flatMap(({ versions }) => versions.map(({ service }) => service)));
  const slices = new Map<string, EndpointSlice>();
  for (const { versions } of rules)
    for (const { service } of versions) slices.set(service.name, sliceOf(service.name, 1));
  const key = 'kubernetes.io/service-name';
  const isCrowded = cluster.watched.length === 1;
  /** As the client does: all that there is, of which one is another object. */
  const show = (name: string) => {
    if (isCrowded) cluster.show(`endpointslices shop ${key}`, ...slices.values());
    else cluster.show(`endpointslices shop ${key}=${name}`, slices.get(name) ?? sliceOf(name, 1));
  };
  for (const name of isCrowded ? [''] : slices.keys()) show(name);
  const house = new House();
  let source: WithEndpoints = withEndpoints(written, services.endpointsOf);
  let snapshot = house.swap(source.document, undefined);
  let runs = 0;
  return () => {
    runs += 1;
    const { name } = serviceOf(0, 'v1');
    slices.set(name, sliceOf(name, 2 + (runs % 200)));
    show(name);
    source = withEndpoints(written, services.endpointsOf, source);
    snapshot = house.swap(source.document, snapshot);
  };
}

function sliceOf(name: string, last: number): EndpointSlice {
  return {
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: [`10.0.1.${last}`] }],
  };
}

const measured = [
  { name: 'a step of one route, without services', run: step() },
  { name: 'endpoints of one route', run: endpoints(1) },
  { name: 'endpoints that 50 routes share', run: endpoints(50) },
  { name: 'endpoints that all routes share', run: endpoints(routes) },
].map((one) => ({ ...one, ms: [] as number[] }));

// In turns, so that a busy moment of the machine hits all of them.
for (let at = 0; at < runs; at += 1) {
  for (const { run, ms } of measured) {
    const startedAt = performance.now();
    run();
    ms.push(performance.now() - startedAt);
  }
}
console.log(
  `${routes.toLocaleString('en')} routes of two versions, ${runs} runs, Node ${process.version}`,
);
for (const { name, ms } of measured) {
  const [low, median, high] = [0.1, 0.5, 0.9].map(
    (q) => ms.toSorted((a, b) => a - b)[Math.floor(q * ms.length)],
  );
  console.log(
    `${name.padEnd(40)} ${median?.toFixed(1)} ms (${low?.toFixed(1)}–${high?.toFixed(1)})`,
  );
}
