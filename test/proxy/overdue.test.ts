import { test } from 'tap';
import { type BusyPhase, overdue } from '../../src/proxy/overdue.ts';

const limits = { connectMs: 2_000, firstByteMs: 30_000, idleMs: 300_000, totalMs: 0, attemptMs: 0 };

interface Given {
  readonly phase: BusyPhase;
  readonly now: number;
  readonly triedAt?: number;
  readonly activeAt?: number;
  readonly isRead?: boolean;
  readonly totalMs?: number;
  readonly attemptMs?: number;
  readonly code: string | undefined;
  readonly because: string;
}

for (const given of [
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
  {
    phase: 'waiting',
    now: 2_001,
    triedAt: 1_000,
    isRead: false,
    attemptMs: 1_000,
    code: 'response_timeout',
    because: 'an attempt has its own time, from its beginning',
  },
  {
    phase: 'responding',
    now: 1_001,
    activeAt: 1_000,
    attemptMs: 1_000,
    code: 'response_timeout',
    because: 'the answer has to be whole',
  },
  {
    phase: 'pausing',
    now: 9_000,
    attemptMs: 1_000,
    code: undefined,
    because: 'between two attempts there is none',
  },
] as const satisfies readonly Given[]) {
  const { phase, triedAt = 0, activeAt = 0, now, isRead = true }: Given = given;
  const { totalMs = 0, attemptMs = 0, code, because }: Given = given;
  test(`${phase} at ${now} ms: ${code ?? 'in time'}, ${because}`, async (t) => {
    const instants = { beganAt: 0, triedAt, activeAt };
    t.equal(overdue(phase, now, instants, isRead, { ...limits, totalMs, attemptMs })?.code, code);
  });
}

test('a limit of 0 is none', async (t) => {
  const none = { connectMs: 0, firstByteMs: 0, idleMs: 0, totalMs: 0, attemptMs: 0 };
  for (const phase of ['connecting', 'waiting', 'responding', 'held'] as const) {
    const instants = { beganAt: 0, triedAt: 0, activeAt: 0 };
    t.equal(overdue(phase, Number.MAX_SAFE_INTEGER, instants, true, none), undefined);
  }
});
