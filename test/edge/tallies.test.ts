import { test } from 'tap';
import type { Pair } from '#core/judge/measurement';
import { Measures } from '../../src/rollout/measures.ts';
import { rule, version } from '../core/routing/made-up.ts';
import { judging } from '../rollout/judged.ts';
import { ask, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { carried } from './carried.ts';

for (const workers of [1, 2]) {
  const who = workers === 1 ? 'one process' : `${workers} workers`;
  test(`what ${who} count for the judge is told, and a failing candidate at once`, async (t) => {
    const stable = await rawOrigin(answering(response('good')));
    const candidate = await rawOrigin(answering(response('bad', '500 No')));
    t.teardown(() => Promise.all([stable.close(), candidate.close()]));
    const { port, carrier, told, urgent } = await carried(
      t,
      workers,
      rule({
        unit: 'request',
        judging: judging(),
        versions: [
          version('v1', { urls: [stable.url], weight: 3 }),
          version('v2', { urls: [candidate.url], weight: 1 }),
        ],
      }),
    );
    const statuses: number[] = [];
    while (!statuses.includes(500)) statuses.push(statusOf(await ask(port)));
    await eventually(() => urgent.length > 0, 'the judge is told');
    t.ok((urgent[0] ?? 0) > 0, 'with what was counted');
    for (let n = 0; n < 20; n++) statuses.push(statusOf(await ask(port)));
    await carrier.collect();
    const measures = new Measures();
    for (const increment of told) measures.add(increment);
    const shares: Pair = [0.75, 0.25];
    const how = { isWarm: true, isAgreed: true };
    const { terms, units } = measures.measure('shop-1', 1, () => shares, how);
    const failures = statuses.filter((status) => status === 500).length;
    t.match(terms, [{ kind: 'request', revision: 1, sizes: shares, failures: [0, failures] }]);
    t.strictSame(units, [statuses.length - failures, failures]);
  });
}
