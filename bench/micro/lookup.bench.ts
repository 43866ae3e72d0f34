// What does a decision (match and assign) cost, and does it grow with the number of routes?

import type { When } from '../../src/core/conditions/when.ts';
import { assign, newAssignment } from '../../src/core/routing/assign.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { type Measurement, measure, type Result, report } from '../harness.ts';
import { type Aim, byPopularity, evenly } from '../popularity.ts';
import { record } from '../record.ts';
import { type BenchFacts, benchFacts, snapshotOf, unitAt } from './routes.ts';

const counts = [5, 50, 500, 5_000];
const assignment = newAssignment();
const ports = {
  random: () => 0.5,
  epochMs: () => 0,
  newUnit: () => '0'.repeat(32),
  mac: () => undefined,
};

/** A way in which routes differ, and a request for the i-th of them. */
interface Shape {
  readonly name: string;
  readonly matchOf: (i: number) => When;
  readonly aim: (facts: BenchFacts, i: number) => void;
}

const shapes: readonly Shape[] = [
  {
    name: 'hosts',
    matchOf: (i) => ({ host: [`shop-${i}.example.com`] }),
    aim: (facts, i) => {
      facts.host = `shop-${i}.example.com`;
      facts.path = '/cart/items';
    },
  },
  {
    name: 'wildcard hosts',
    matchOf: (i) => ({ host: [`*.shop-${i}.example.com`] }),
    aim: (facts, i) => {
      facts.host = `www.shop-${i}.example.com`;
      facts.path = '/cart/items';
    },
  },
  {
    name: 'prefixes of one host',
    matchOf: (i) => ({ host: ['shop.example.com'], path: [{ prefix: `/api/part-${i}` }] }),
    aim: (facts, i) => {
      facts.path = `/api/part-${i}/items`;
    },
  },
  {
    name: 'exact paths',
    matchOf: (i) => ({ path: [{ exact: `/api/part-${i}` }] }),
    aim: (facts, i) => {
      facts.path = `/api/part-${i}`;
    },
  },
];

/** 16,384 requests, so that they do not come round before the caches have forgotten them. */
function requests(
  shape: Shape,
  routes: number,
  aim: Aim,
): readonly { host: string; path: string }[] {
  const facts = benchFacts();
  return Array.from({ length: 16_384 }, (_, i) => {
    shape.aim(facts, aim(i, routes));
    return { host: facts.host, path: facts.path };
  });
}

function decide(name: string, shape: Shape, snapshot: Snapshot, aim: Aim): Measurement {
  const { find, routes } = snapshot;
  const list = requests(shape, routes.length, aim);
  const facts = benchFacts();
  return measure(name, (i) => {
    const request = list[i % list.length];
    if (request === undefined) return 0;
    fill(facts, request, i);
    const route = find(facts);
    if (route === undefined) throw new Error(`no route for ${facts.host}${facts.path}`);
    assign(route, facts, ports, assignment);
    return assignment.version?.weight ?? 0;
  });
}

/** Texts are made anew from bytes, as the data path does: none comes with its hash. */
function fill(facts: BenchFacts, request: { host: string; path: string }, i: number): void {
  facts.host = fresh(request.host);
  facts.path = fresh(request.path);
  facts.unit = unitAt(i);
}

const room = Buffer.alloc(256);

function fresh(text: string): string {
  return room.toString('latin1', 0, room.write(text, 0, 'latin1'));
}

const recorded: Result[] = [];
for (const shape of shapes) {
  const facts = benchFacts();
  const list = requests(shape, 5_000, byPopularity);
  const baseline = measure('baseline: make the request', (i) => {
    const request = list[i % list.length];
    if (request !== undefined) fill(facts, request, i);
    return facts.host.length + facts.path.length;
  });
  const snapshots = counts.map((count) => snapshotOf(count, shape.matchOf));
  const [own, few, ...more] = report(`What does a decision cost with more routes? ${shape.name}`, [
    baseline,
    ...snapshots.map((one) => decide(`${one.routes.length} routes`, shape, one, byPopularity)),
    ...snapshots
      .slice(-1)
      .map((one) => decide(`${one.routes.length} routes, all alike`, shape, one, evenly)),
  ]);
  if (own === undefined || few === undefined) continue;
  for (const each of [own, few, ...more]) {
    recorded.push({ ...each, name: `${shape.name}: ${each.name}` });
  }
  for (const { name, medianNs } of more.slice(-2)) {
    const times = (medianNs - own.medianNs) / (few.medianNs - own.medianNs);
    process.stdout.write(`${name}: ${times.toFixed(2)} times 5 routes, without the baseline\n`);
  }
  process.stdout.write('\n');
}
record('lookup', { results: recorded });
