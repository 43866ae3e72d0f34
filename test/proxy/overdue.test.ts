import { test } from 'tap';
import { type BusyPhase, overdue } from '../../src/proxy/overdue.ts';

const limits = { connectMs: 2_000, firstByteMs: 30_000, idleMs: 300_000, totalMs: 0 };

for (const { phase, triedAt = 0, activeAt = 0, now, isRead = true, totalMs = 0, code, because } of [
  { phase: 'connecting', now: 2_000, code: undefined, because: 'a limit is passed, not reached' },
  { phase: 'connecting', now: 2_001, code: 'connect_timeout', because: 'no connection' },
  {
    phase: 'connecting',
    now: 9_000,
    triedAt: 8_000,
    code: undefined,
    because: 'a second try has its own time',
  },
  { phase: 'waiting', now: 30_001, code: 'response_timeout', because: 'no response' },
  {
    phase: 'waiting',
    now: 30_001,
    isRead: false,
    code: undefined,
    because: 'the request is still being sent',
  },
  {
    phase: 'waiting',
    now: 40_000,
    activeAt: 20_000,
    code: undefined,
    because: 'the last byte of the body counts',
  },
  {
    phase: 'waiting',
    now: 300_001,
    isRead: false,
    code: 'idle_timeout',
    because: 'nobody sends anything',
  },
  { phase: 'responding', now: 300_001, code: 'idle_timeout', because: 'the response stopped' },
  {
    phase: 'responding',
    now: 300_001,
    activeAt: 299_000,
    code: undefined,
    because: 'bytes still come',
  },
  { phase: 'held', now: 400_000, code: undefined, because: 'how long it is held the route says' },
  {
    phase: 'held',
    now: 5_001,
    totalMs: 5_000,
    code: 'total_timeout',
    because: 'the total counts everywhere',
  },
] as const satisfies readonly { phase: BusyPhase; [key: string]: unknown }[]) {
  test(`${phase} at ${now} ms: ${code ?? 'in time'}, ${because}`, async (t) => {
    const instants = { beganAt: 0, triedAt, activeAt };
    t.equal(overdue(phase, now, instants, isRead, { ...limits, totalMs })?.code, code);
  });
}

test('a limit of 0 is none', async (t) => {
  const none = { connectMs: 0, firstByteMs: 0, idleMs: 0, totalMs: 0 };
  for (const phase of ['connecting', 'waiting', 'responding', 'held'] as const) {
    const instants = { beganAt: 0, triedAt: 0, activeAt: 0 };
    t.equal(overdue(phase, Number.MAX_SAFE_INTEGER, instants, true, none), undefined);
  }
});
