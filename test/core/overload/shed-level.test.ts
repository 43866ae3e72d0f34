import fc from 'fast-check';
import { test } from 'tap';
import { nextShedLevel, type ShedLevel, shedLevels, sheds } from '#core/overload/shed-level';

const limits = { maxLoopDelayMs: 100, maxMemoryShare: 0.9 };

for (const { from, loopDelayMs = 0, memoryShare = 0, to, because } of [
  { from: 'nothing', to: 'nothing', because: 'there is no strain' },
  { from: 'nothing', loopDelayMs: 101, to: 'keep-alive', because: 'the loop is too late' },
  { from: 'nothing', loopDelayMs: 100, to: 'nothing', because: 'the limit itself is allowed' },
  { from: 'nothing', memoryShare: 0.91, to: 'keep-alive', because: 'the memory runs out' },
  { from: 'keep-alive', loopDelayMs: 101, to: 'requests', because: 'it did not help' },
  { from: 'requests', loopDelayMs: 101, to: 'connections', because: 'nor did this' },
  { from: 'connections', loopDelayMs: 101, to: 'connections', because: 'there is no more' },
  { from: 'requests', loopDelayMs: 60, to: 'requests', because: 'it is not well below yet' },
  { from: 'requests', loopDelayMs: 50, to: 'keep-alive', because: 'half of the limit is' },
  { from: 'requests', memoryShare: 0.87, to: 'requests', because: 'memory is not well below' },
  { from: 'requests', memoryShare: 0.85, to: 'keep-alive', because: 'memory is' },
] as const satisfies readonly {
  from: ShedLevel;
  loopDelayMs?: number;
  memoryShare?: number;
  to: ShedLevel;
  because: string;
}[]) {
  test(`${from} → ${to}: ${because}`, async (t) => {
    t.equal(nextShedLevel(from, { loopDelayMs, memoryShare }, limits), to);
  });
}

test('without limits nothing is ever shed', async () => {
  const strain = fc.record({ loopDelayMs: fc.nat(), memoryShare: fc.double({ min: 0, max: 1 }) });
  fc.assert(
    fc.property(strain, (s) => {
      const off = { maxLoopDelayMs: 0, maxMemoryShare: 0 };
      return nextShedLevel('nothing', s, off) === 'nothing';
    }),
  );
});

test('a level sheds what lower ones do', async (t) => {
  t.same(
    shedLevels.map((level) => sheds(level, 'requests')),
    [false, false, true, true],
  );
});
