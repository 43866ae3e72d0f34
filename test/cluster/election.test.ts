import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { test } from 'tap';
import { type ObjectStore, resources } from '#core/kubernetes/api';
import type { Lease } from '#core/kubernetes/objects';
import { Election, leaseTimes } from '../../src/cluster/election.ts';
import { MadeUpStore } from '../support/object-store.ts';

const times = leaseTimes(15_000);

/** A replica with a clock of its own that a test moves on. */
class Candidate {
  readonly election: Election;
  readonly terms: (number | undefined)[] = [];
  readonly troubles: unknown[] = [];
  nowMs = 0;
  #due: { at: number; act: () => void } | undefined;

  constructor(
    store: Pick<ObjectStore, 'get' | 'create' | 'replace'>,
    identity: string,
    wallMs = 1e12,
  ) {
    this.election = new Election({
      store,
      namespace: 'shop',
      name: 'turnout',
      identity,
      times,
      now: () => this.nowMs,
      wallNow: () => wallMs + this.nowMs,
      random: () => 0.5,
      after: (ms, act) => {
        this.#due = { at: this.nowMs + ms, act };
        return () => {
          this.#due = undefined;
        };
      },
      changed: (term) => this.terms.push(term),
      troubled: (error) => this.troubles.push(error),
    });
  }

  /** Lets time go by, in which it does what it has planned. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.#due;
    if (due !== undefined && due.at <= this.nowMs) {
      this.#due = undefined;
      due.act();
    }
    await settled();
  }

  async start(): Promise<void> {
    this.election.start();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await turn();
}

async function passTogether(candidates: readonly Candidate[], ms: number): Promise<void> {
  for (let spent = 0; spent < ms; spent += 500) {
    for (const candidate of candidates) await candidate.pass(500);
  }
}

function leading(candidates: readonly Candidate[]): readonly number[] {
  return candidates.flatMap(({ election }, index) => (election.mayAct() ? [index] : []));
}

async function lease(store: MadeUpStore): Promise<Lease['spec']> {
  return (await store.get<Lease>(resources.leases, 'shop', 'turnout'))?.spec;
}

async function two(wallMs: readonly number[] = [1e12, 1e12]) {
  const store = new MadeUpStore();
  const a = new Candidate(store, 'a', wallMs[0]);
  const b = new Candidate(store, 'b', wallMs[1]);
  await a.start();
  await b.start();
  return { store, a, b, both: [a, b] as const };
}

test('one of two leads, and goes on as long as it renews', async (t) => {
  const { store, both } = await two();
  t.strictSame(leading(both), [0]);
  await passTogether(both, 120_000);
  t.strictSame(leading(both), [0]);
  t.match(await lease(store), {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
    renewTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000Z$/,
  });
});

test('an empty Lease that was there before is taken, without making one', async (t) => {
  const store = new MadeUpStore();
  store.set(resources.leases, 'shop', { metadata: { name: 'turnout' } });
  const onlyUpdates = {
    get: store.get.bind(store),
    replace: store.replace.bind(store),
    create: async () => {
      throw new Error('may not create');
    },
  };
  const a = new Candidate(onlyUpdates, 'a');
  await a.start();
  t.ok(a.election.mayAct());
});

test('a leader that is paused stops before another may begin, and stays out', async (t) => {
  const { a, b, both } = await two();
  let spent = 0;
  while (!b.election.mayAct()) {
    await b.pass(500);
    spent += 500;
    if (spent > 60_000) throw new Error('nobody took over');
  }
  t.ok(spent >= times.leaseMs, 'not before a whole lease without a change');
  // Its clock has gone on while it slept: it notices before it does anything.
  a.nowMs += spent;
  t.notOk(a.election.mayAct());
  t.strictSame(leading(both), [1]);
  await passTogether(both, 30_000);
  t.strictSame(leading(both), [1]);
  t.strictSame(a.terms, [1, undefined]);
  t.strictSame(b.terms, [2], 'under a term of its own');
});

test('clocks that differ by a year do not matter', async (t) => {
  const { b, both } = await two([1e12, 1e12 + 31_536_000_000]);
  await passTogether(both, 60_000);
  t.strictSame(leading(both), [0]);
  await passTogether([b], 20_000);
  t.ok(b.election.mayAct(), 'and when the other is gone it is taken over');
});

test('who writes at the same moment loses where the other was first', async (t) => {
  const store = new MadeUpStore();
  store.set(resources.leases, 'shop', { metadata: { name: 'turnout' } });
  const a = new Candidate(store, 'a');
  const b = new Candidate(store, 'b');
  await Promise.all([a.start(), b.start()]);
  t.equal(leading([a, b]).length, 1);
  await passTogether([a, b], 20_000);
  t.equal(leading([a, b]).length, 1);
  t.strictSame([...a.troubles, ...b.troubles], [], 'which is no trouble');
});

test('a lease that is given back is taken at once', async (t) => {
  const { store, a, b } = await two();
  a.election.close();
  t.notOk(a.election.mayAct(), 'it stops first');
  await a.election.release();
  t.match(await lease(store), { holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 1 });
  await b.pass(3_000);
  t.ok(b.election.mayAct());
  t.strictSame(b.terms, [2]);
});

test('a server that is away for a minute: the leader stops, and one leads afterwards', async (t) => {
  const { store, a, both } = await two();
  store.isAway = true;
  await passTogether(both, 60_000);
  t.strictSame(leading(both), []);
  t.ok(a.troubles.length > 0, 'and it is told');
  store.isAway = false;
  await passTogether(both, 20_000);
  t.equal(leading(both).length, 1);
});

test('who leads again after a silence has another term', async (t) => {
  const store = new MadeUpStore();
  const a = new Candidate(store, 'a');
  await a.start();
  store.isAway = true;
  await passTogether([a], 20_000);
  store.isAway = false;
  await passTogether([a], 5_000);
  t.strictSame(a.terms, [1, undefined, 2]);
});

test('terms go on where a deleted Lease would begin them anew', async (t) => {
  const store = new MadeUpStore();
  const a = new Candidate(store, 'a');
  await a.start();
  t.equal(await a.election.beyond(41), 42);
  t.match(await lease(store), { leaseTransitions: 42 });
  t.equal(a.election.term, 42);
  await passTogether([a], 10_000);
  t.equal(a.election.term, 42);
});

/** Who sleeps has its clock go on, and is asked before it gets to do what it had planned. */
async function quarter(candidate: Candidate, sleeps: boolean): Promise<void> {
  if (sleeps) candidate.nowMs += 250;
  else await candidate.pass(250);
}

test('whatever stops whom for how long, at most one may act', async (t) => {
  const step = fc.record({
    who: fc.constantFrom('a', 'b', 'both'),
    ms: fc.integer({ min: 100, max: 20_000 }),
    isAway: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { store, a, b, both } = await two();
      for (const { who, ms, isAway } of steps) {
        store.isAway = isAway;
        for (let spent = 0; spent < ms; spent += 250) {
          await quarter(a, who === 'b');
          await quarter(b, who === 'a');
          if (leading(both).length > 1) return false;
        }
      }
      const terms = [...a.terms, ...b.terms].filter((term) => term !== undefined);
      return new Set(terms).size === terms.length;
    }),
    { numRuns: 60 },
  );
  t.pass();
});
