// What does choosing a version cost a request, and does it grow with the number of versions?
import { assign, newAssignment } from '../../src/core/routing/assign.ts';
import type { RouteRule } from '../../src/core/routing/rules.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import { type Measurement, measure, report } from '../harness.ts';
import { benchFacts, snapshotOf, unitAt, versionRule } from './routes.ts';

const assignment = newAssignment();
const ports = {
  random: () => 0.5,
  epochMs: () => 0,
  newUnit: () => '0'.repeat(32),
  mac: () => undefined,
};

function assignAmong(versions: number, change: Partial<RouteRule> = {}): Measurement['run'] {
  const [like] = snapshotOf(1, () => undefined).document.routes;
  if (like === undefined) throw new Error('a snapshot of one route has one');
  const rule: RouteRule = {
    ...like,
    audiences: [],
    versions: Array.from({ length: versions }, (_, i) => versionRule(`v${i}`, i + 1)),
    ...change,
  };
  const options = { hash: '0'.repeat(12), rowOf: () => 0 };
  const [route] = compile({ apiVersion: 'turnout/v1', routes: [rule] }, options).routes;
  if (route === undefined) throw new Error('one rule makes one route');
  const facts = benchFacts();
  return (i) => {
    facts.unit = unitAt(i);
    assign(route, facts, ports, assignment);
    return assignment.version?.weight ?? 0;
  };
}

report('What does choosing a version cost, and does it grow with the number of versions?', [
  measure('baseline: pick a unit', (i) => unitAt(i).length),
  measure('assign among 1', assignAmong(1)),
  measure('assign among 2', assignAmong(2)),
  measure('assign among 5', assignAmong(5)),
  measure('assign among 20', assignAmong(20)),
  measure('assign among 2, by chance', assignAmong(2, { unit: 'request' })),
  measure(
    'assign among 2, with override and sticky',
    assignAmong(2, {
      sticky: { cookie: 'version', maxAgeSeconds: 60 },
      override: { header: 'x-v', query: 'v', cookie: 'v', trusted: ['10.0.0.0/8'] },
    }),
  ),
]);
