import { test } from 'tap';
import type { Endpoint } from '#core/routing/route';
import { compileEndpoint } from '#core/snapshot/compile-endpoint';
import { Endpoints } from '../../src/fastify/endpoints.ts';

function endpoint(host: string): Endpoint {
  return compileEndpoint(`http://${host}`, undefined);
}

const [a, b, c] = [endpoint('a'), endpoint('b'), endpoint('c')];
const all = [a, b, c];
const none: ReadonlySet<string> = new Set();

/** Endpoints whose chance is read from a list, and whose clock is set by hand. */
function endpointsBy(...chances: number[]) {
  const clock = { now: 0 };
  let next = 0;
  const random = () => chances[next++ % chances.length] ?? 0;
  return { clock, endpoints: new Endpoints({ random, now: () => clock.now }) };
}

test('takes the less busy of two random endpoints', async (t) => {
  const { endpoints } = endpointsBy(0, 0.4);
  t.equal(endpoints.choose(all, none), a, 'the first of two that are alike');
  endpoints.entered(a);
  t.equal(endpoints.choose(all, none), b);
  endpoints.left(a);
  t.equal(endpoints.choose(all, none), a);
});

test('passes over an endpoint that was not to be reached, for a second', async (t) => {
  const { clock, endpoints } = endpointsBy(0);
  endpoints.unreachable(a);
  t.equal(endpoints.choose(all, none), b);
  clock.now = 1_000;
  t.equal(endpoints.choose(all, none), a);
});

test('takes one that is down where all are, but none twice', async (t) => {
  const { endpoints } = endpointsBy(0);
  for (const each of all) endpoints.unreachable(each);
  t.equal(endpoints.choose(all, none), a);
  t.equal(endpoints.choose(all, new Set([a.key])), b);
  t.equal(endpoints.choose(all, new Set(all.map(({ key }) => key))), undefined);
});

test('forgets endpoints that are in no document, once nothing is under way there', async (t) => {
  const { endpoints } = endpointsBy(0);
  endpoints.unreachable(a);
  endpoints.entered(a);
  endpoints.retain(new Set());
  t.equal(endpoints.choose(all, none), b);
  endpoints.left(a);
  endpoints.retain(new Set());
  t.equal(endpoints.choose(all, none), a);
});
