import fc from 'fast-check';
import { test } from 'tap';
import { tooMany } from '../../src/workers/balance.ts';

for (const { loads, letGo, because } of [
  { loads: [[0.9, 64]], letGo: [0], because: 'there is nobody else' },
  {
    loads: [
      [0.9, 20],
      [0.1, 0],
    ],
    letGo: [5, 0],
    because: 'one has all the work: 4/9 of it is too much, half of that goes',
  },
  {
    loads: [
      [0.29, 20],
      [0.01, 0],
    ],
    letGo: [0, 0],
    because: 'the busier one has time',
  },
  {
    loads: [
      [1, 40],
      [0.9, 10],
      [0.8, 60],
    ],
    letGo: [0, 0, 0],
    because: 'all are about as busy, however many connections that takes',
  },
  {
    loads: [
      [0.8, 1],
      [0.2, 9],
    ],
    letGo: [1, 0],
    because: 'the one connection may do better elsewhere',
  },
  {
    loads: [
      [0.9, 0],
      [0.1, 0],
    ],
    letGo: [0, 0],
    because: 'there are no connections to let go',
  },
] as const) {
  const text = loads.map(([busy, connections]) => `${busy} with ${connections}`).join(', ');
  test(`${text}: ${letGo.join()}, because ${because}`, async (t) => {
    t.same(tooMany(loads.map(([busyShare, connections]) => ({ busyShare, connections }))), letGo);
  });
}

test('nobody lets go more than half of what it has, and one never does', async () => {
  const load = fc.record({
    busyShare: fc.double({ min: 0, max: 1, noNaN: true }),
    connections: fc.nat(10_000),
  });
  fc.assert(
    fc.property(fc.array(load, { minLength: 1, maxLength: 8 }), (loads) => {
      const letGo = tooMany(loads);
      const isFair = letGo.every(
        (count, at) => count <= Math.ceil((loads[at]?.connections ?? 0) / 2),
      );
      return isFair && letGo.includes(0);
    }),
  );
});
