import { test } from 'tap';
import type { RouteRule } from '#core/routing/rules';
import { plain, rule, version } from '../core/routing/made-up.ts';
import { ask } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { carried } from './carried.ts';

const requests = 60;

for (const workers of [1, 4]) {
  const who = workers === 1 ? 'one process' : `${workers} workers`;
  test(`a version is sent nothing once it is disabled in ${who}, whatever waited for it`, async (t) => {
    const stable = await rawOrigin(answering(response('stable')));
    // Answers nobody until it is told to.
    const candidate = await rawOrigin(() => {});
    t.teardown(() => Promise.all([stable.close(), candidate.close()]));
    const rules = (more: Partial<RouteRule['versions'][number]>): RouteRule =>
      rule({
        unit: 'request',
        // One for each worker: all others wait for their turn.
        limits: { ...plain.limits, connections: workers, waiting: 1_000, waitMs: 60_000 },
        versions: [
          version('v1', { urls: [stable.url], weight: 0 }),
          version('v2', { urls: [candidate.url], ...more }),
        ],
      });
    const { port, carrier, metrics, swap } = await carried(t, workers, rules({ weight: 1 }));
    const received = () =>
      candidate.connections.reduce((n, c) => n + (c.received.match(/^GET /gm) ?? []).length, 0);
    const row = metrics.rows.rowOf('shop', 'v2');
    const counted = async (column: keyof typeof metrics.columns) => {
      await carrier.collect();
      return metrics.rows.values[row * metrics.columns.total + Number(metrics.columns[column])];
    };

    const answers = Array.from({ length: requests }, () => ask(port));
    await eventually(async () => {
      const waiting = (await counted('waiting')) ?? 0;
      return waiting > 0 && waiting + received() === requests;
    }, 'all are under way, or wait');
    const before = received();
    t.ok(before <= workers);
    const [v1, v2] = rules({ weight: 1, state: 'disabled' }).versions;
    if (v1 === undefined || v2 === undefined) throw new Error('no versions');
    await swap({ ...rules({}), versions: [{ ...v1, weight: 1 }, v2] });
    const inForceAt = performance.now();

    for (const { socket } of candidate.connections) socket.write(response('finished'));
    const texts = await Promise.all(answers);
    t.equal(texts.filter((text) => text.includes('finished')).length, before);
    t.equal(texts.filter((text) => text.includes('stable')).length, requests - before);
    t.equal(received(), before, 'it has received nothing more');
    t.equal(await counted('sent'), before, 'and that is what is counted');
    t.ok(((await counted('lastSentAt')) ?? 0) < inForceAt, 'before it was disabled');
    t.equal(await counted('inFlight'), 0);
  });
}
