// What does a decision (match and assign) cost, and does it grow with the number of routes?

import type { When } from '../../src/core/conditions/when.ts';
import { assign, newAssignment } from '../../src/core/routing/assign.ts';
import { type Measurement, measure, report } from '../harness.ts';
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

/** Requests as the data path makes them: texts cut anew from bytes, hashes not known yet. */
function requests(shape: Shape, count: number): readonly { host: string; path: string }[] {
  const facts = benchFacts();
  return Array.from({ length: 4_096 }, (_, i) => {
    shape.aim(facts, (i * 7_919) % count);
    return { host: facts.host, path: facts.path };
  });
}

function decide(shape: Shape, count: number): Measurement {
  const { find } = snapshotOf(count, shape.matchOf);
  const list = requests(shape, count);
  const facts = benchFacts();
  return measure(`${shape.name}: ${count} routes`, (i) => {
    const request = list[i % list.length];
    if (request === undefined) return 0;
    fill(facts, request, i);
    const route = find(facts);
    if (route === undefined) throw new Error(`no route for ${facts.host}${facts.path}`);
    assign(route, facts, ports, assignment);
    return assignment.version?.weight ?? 0;
  });
}

/** The last characters are cut off as from a head, so that no text comes with its hash. */
function fill(facts: BenchFacts, request: { host: string; path: string }, i: number): void {
  facts.host = fresh(request.host);
  facts.path = fresh(request.path);
  facts.unit = unitAt(i);
}

const room = Buffer.alloc(256);

function fresh(text: string): string {
  return room.latin1Slice(0, room.latin1Write(text, 0));
}

for (const shape of shapes) {
  const facts = benchFacts();
  const list = requests(shape, 5);
  const baseline = measure('baseline: make the request', (i) => {
    const request = list[i % list.length];
    if (request !== undefined) fill(facts, request, i);
    return facts.host.length + facts.path.length;
  });
  const measurements = [baseline, ...counts.map((count) => decide(shape, count))];
  const question = `What does a decision cost with more routes? ${shape.name}`;
  const [own, few, ...more] = report(question, measurements);
  const many = more.at(-1);
  if (own === undefined || few === undefined || many === undefined) continue;
  const times = (many.medianNs - own.medianNs) / (few.medianNs - own.medianNs);
  process.stdout.write(`5,000 routes cost ${times.toFixed(2)} times what 5 do\n\n`);
}
