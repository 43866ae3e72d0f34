import net from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Test, test } from 'tap';
import { type BoundPort, bindPort } from '../../src/workers/bind-port.ts';
import { Crew } from '../../src/workers/crew.ts';
import type { SentDocument } from '../../src/workers/messages.ts';
import type { CrewEvent, CrewPorts, CrewTimes } from '../../src/workers/ports.ts';
import { eventually } from '../support/eventually.ts';
import type { Script } from './scripted-worker.ts';

const workerFile = join(import.meta.dirname, 'scripted-worker.ts');

function document(hash: string, generation = 1): SentDocument {
  return { generation, hash, bytes: new Uint8Array(), pairs: [] };
}

interface Options {
  readonly size?: number;
  /** What the nth process of a place is to do, from 1. */
  readonly script?: (place: number, nth: number) => Partial<Script>;
  readonly times?: Partial<CrewTimes>;
}

interface Started {
  readonly crew: Crew<Script, number>;
  readonly port: BoundPort;
  readonly events: CrewEvent[];
  /** What all workers together have counted, and how many were gone. */
  readonly counted: () => number;
  readonly dropped: () => number;
  /** What was counted when something urgent was told. */
  readonly urgent: readonly number[];
  readonly starting: Promise<void>;
}

async function starting(t: Test, options: Options = {}): Promise<Started> {
  const { size = 2, script = () => ({}), times = {} } = options;
  const port = await bindPort({ host: '127.0.0.1', port: 0 });
  const events: CrewEvent[] = [];
  const processes = new Map<number, number>();
  let counted = 0;
  let dropped = 0;
  const urgent: number[] = [];
  const ports: CrewPorts<Script, number> = {
    size,
    command: [process.execPath, workerFile],
    work: (place) => {
      const nth = (processes.get(place) ?? 0) + 1;
      processes.set(place, nth);
      return { place, ...script(place, nth) };
    },
    sum: () => ({
      add: (counts) => {
        counted += counts;
      },
      drop: () => {
        dropped++;
      },
    }),
    happened: (event) => events.push(event),
    urgent: () => urgent.push(counted),
    now: () => performance.now(),
    times,
  };
  const crew = new Crew(ports);
  t.teardown(() => crew.kill());
  await crew.swap(document('first'));
  return {
    crew,
    port,
    events,
    counted: () => counted,
    dropped: () => dropped,
    urgent,
    starting: crew.start([port]),
  };
}

async function started(t: Test, options: Options = {}): Promise<Started> {
  const all = await starting(t, options);
  await all.starting;
  return all;
}

/** Asks whoever accepts the connection who it is, and what it serves. */
async function ask(port: number) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('who?');
  const [place, serves, pid, letGo] = (await text(socket)).split(' ');
  return { place: Number(place), serves, pid: Number(pid), letGo: Number(letGo) };
}

function isServing({ crew }: Started, count = 2): boolean {
  return crew.status().filter(({ state }) => state === 'serving').length === count;
}

function pidOf({ crew }: Started, place: number): number {
  return crew.status().find(({ worker }) => worker === place)?.pid ?? 0;
}

test('workers begin with the document in force, and share the port', async (t) => {
  const all = await started(t);
  t.match(all.crew.status(), [
    { worker: 1, state: 'serving', generation: 1, hash: 'first' },
    { worker: 2, state: 'serving', generation: 1, hash: 'first' },
  ]);
  const places = new Set<number>();
  await eventually(async () => {
    const { place, serves } = await ask(all.port.port);
    t.equal(serves, 'first');
    places.add(place);
    return places.size === 2;
  }, 'both have answered');
});

test('a document is in force everywhere once all have compiled it', async (t) => {
  const all = await started(t);
  await all.crew.swap(document('second', 2));
  t.match(all.crew.status(), [{ hash: 'second' }, { hash: 'second', generation: 2 }]);
  for (let n = 0; n < 20; n++) t.equal((await ask(all.port.port)).serves, 'second');
  t.match(all.events.at(-1), { kind: 'agreed', generation: 2, hash: 'second', workers: 2 });
});

test('where one cannot compile it, none swaps', async (t) => {
  const all = await started(t, { script: (place) => (place === 2 ? { refuses: 'bad' } : {}) });
  await t.rejects(all.crew.swap(document('bad', 2)), { message: 'worker 2 refuses bad' });
  for (let n = 0; n < 20; n++) t.equal((await ask(all.port.port)).serves, 'first');
  await all.crew.swap(document('good', 2));
  for (let n = 0; n < 20; n++) t.equal((await ask(all.port.port)).serves, 'good');
});

test('one that hangs at a document is replaced by one that serves it', async (t) => {
  const all = await started(t, {
    script: (place, nth) => (place === 1 && nth === 1 ? { hangsAt: 'second' } : {}),
    times: { swapMs: 1_000 },
  });
  const hanging = pidOf(all, 1);
  await all.crew.swap(document('second', 2));
  await eventually(() => isServing(all), 'its place is taken');
  t.not(pidOf(all, 1), hanging);
  t.same(
    all.crew.status().map(({ hash }) => hash),
    ['second', 'second'],
  );
  t.match(
    all.events.find(({ kind }) => kind === 'lagged'),
    { worker: 1, pid: hanging, reason: '1000 ms to prepare a document' },
  );
  t.same(all.crew.replaced(), { died: 0, lagged: 1, faulty: 0 });
});

test('one that starts while a document is compiled swaps with the others', async (t) => {
  const all = await started(t, {
    script: (place, nth) => ({ compileMs: place === 1 || nth === 2 ? 2_000 : 0 }),
  });
  const old = pidOf(all, 2);
  const swapped = all.crew.swap(document('second', 2));
  process.kill(old, 'SIGKILL');
  await swapped;
  await eventually(
    () => isServing(all) && all.crew.status().every(({ hash }) => hash === 'second'),
    'both serve it',
  );
  t.not(pidOf(all, 2), old);
  for (let n = 0; n < 20; n++) t.equal((await ask(all.port.port)).serves, 'second');
});

test('one that says nothing any more is replaced', async (t) => {
  const all = await started(t, {
    script: (place, nth) => ({ isSilent: place === 2 && nth === 1 }),
    times: { lookMs: 600 },
  });
  const silent = pidOf(all, 2);
  await eventually(() => isServing(all) && pidOf(all, 2) !== silent, 'its place is taken');
  t.match(
    all.events.find((event) => event.kind === 'lagged' && event.worker === 2),
    { pid: silent, reason: 'nothing heard for 3 s' },
  );
});

test('one that is killed is replaced, and what it had told stays counted', async (t) => {
  const all = await started(t);
  await ask(all.port.port);
  await all.crew.collect();
  t.equal(all.counted(), 1);
  const victim = pidOf(all, 1);
  process.kill(victim, 'SIGKILL');
  await eventually(() => isServing(all, 1), 'it is gone');
  await eventually(() => isServing(all), 'its place is taken');
  t.not(pidOf(all, 1), victim);
  t.equal(all.counted(), 1);
  t.equal(all.dropped(), 1);
  t.same(all.crew.replaced(), { died: 1, lagged: 0, faulty: 0 });
  t.match(
    all.events.find(({ kind }) => kind === 'died'),
    { worker: 1, pid: victim, signal: 'SIGKILL', inMs: 0 },
  );
});

test('while nobody is there to accept, connections wait', async (t) => {
  const all = await started(t, { size: 1 });
  process.kill(pidOf(all, 1), 'SIGKILL');
  await eventually(() => all.dropped() === 1, 'it is gone');
  t.match(await ask(all.port.port), { place: 1, serves: 'first' });
});

test('processor time goes on where the one before has ended', async (t) => {
  const all = await started(t, { size: 1 });
  await all.crew.collect();
  const cpuSeconds = () => all.crew.cpuSeconds().get(1) ?? 0;
  const before = cpuSeconds();
  t.ok(before > 0);
  process.kill(pidOf(all, 1), 'SIGKILL');
  await eventually(() => all.dropped() === 1, 'it is gone');
  t.equal(cpuSeconds(), before);
  await eventually(() => isServing(all, 1), 'its place is taken');
  await all.crew.collect();
  t.ok(cpuSeconds() > before);
});

test('one that finds a bug in itself is replaced while it finishes what is begun', async (t) => {
  const all = await started(t, { size: 1 });
  const faulty = pidOf(all, 1);
  net
    .connect(all.port.port, '127.0.0.1')
    .on('error', () => {})
    .end('bug');
  await eventually(() => all.crew.replaced().faulty === 1, 'it is told');
  await eventually(() => isServing(all, 1) && all.dropped() === 1, 'another one has its place');
  t.not((await ask(all.port.port)).pid, faulty);
  t.same(all.crew.replaced(), { died: 0, lagged: 0, faulty: 1 });
  t.match(
    all.events.find(({ kind }) => kind === 'faulty'),
    { worker: 1, pid: faulty, reason: 'it was told to be' },
  );
});

test('workers that cannot live are given up', async (t) => {
  const all = await started(t, { size: 1 });
  let killed = 0;
  const kill = () => {
    if (!isServing(all, 1)) return;
    process.kill(pidOf(all, 1), 'SIGKILL');
    killed++;
  };
  const killing = setInterval(kill, 20);
  t.teardown(() => clearInterval(killing));
  t.equal(await all.crew.broken, '6 workers died young within a minute');
  t.ok(killed >= 6);
  t.match(all.events.at(-1), { kind: 'died', inMs: undefined });
});

test('where a worker cannot listen, the start says why', async (t) => {
  const all = await starting(t, { script: (place) => ({ isDeaf: place === 2 }) });
  await t.rejects(all.starting, {
    message: 'nothing to hear',
    code: 'EADDRINUSE',
  });
});

test('one that does not begin in time is started anew', async (t) => {
  const all = await starting(t, {
    size: 1,
    script: (_place, nth) => ({ isStuck: nth === 1 }),
    times: { lookMs: 200 },
  });
  await all.starting;
  t.match(all.events[0], { kind: 'lagged', reason: 'nothing heard for 6 s' });
  t.match(all.events.at(-1), { kind: 'started' });
});

test('who waits for counts does not wait for one that hangs', async (t) => {
  const all = await started(t, { script: (place) => ({ isSilent: place === 2 }) });
  const beganAt = performance.now();
  await all.crew.collect();
  // It is given up after 5 s: this is far below.
  t.ok(performance.now() - beganAt < 3_000);
});

test('what cannot wait is told at once, and counted when that is said', async (t) => {
  const all = await started(t, { size: 1 });
  await all.crew.collect();
  const before = all.counted();
  net.connect(all.port.port, '127.0.0.1').write('urgent');
  await eventually(() => all.urgent.length === 1, 'it was told');
  t.equal(Math.floor(((all.urgent[0] ?? 0) - before) / 1_000), 1);
});

test('what each worker shows of its versions is handed over, but of one that hangs', async (t) => {
  const all = await started(t, { size: 3, script: (place) => ({ isSilent: place === 2 }) });
  const shown = await all.crew.show('shop');
  t.same(
    shown.flat().map(({ route, inFlight }) => [route, inFlight]),
    [
      ['shop', 1],
      ['shop', 3],
    ],
  );
  t.same((await all.crew.show()).flat()[0]?.route, 'all');
});

test('one that is much busier than others is told to let clients go', async (t) => {
  const all = await started(t, {
    script: (place) => ({ load: { busyShare: place === 1 ? 0.9 : 0.1, connections: 20 } }),
    times: { lookMs: 200 },
  });
  await eventually(async () => {
    const { place, letGo } = await ask(all.port.port);
    if (place === 2) t.equal(letGo, 0);
    return place === 1 && letGo > 0 && letGo % 5 === 0;
  }, 'it is told');
  t.match(
    all.events.find(({ kind }) => kind === 'unburdened'),
    { worker: 1, connections: 5 },
  );
});

test('a drain tells how many exchanges all workers had to cut', async (t) => {
  const all = await started(t, { script: (place) => ({ cut: place * 10 }) });
  await ask(all.port.port);
  const drained = all.crew.drain({ delayMs: 200, timeoutMs: 10_000 });
  t.match(await ask(all.port.port), { serves: 'first' }, 'it goes on accepting');
  t.same(await drained, { cut: 30 });
  t.equal(all.counted(), 2, 'the last counts are in');
  t.same(all.crew.status(), []);
  await t.rejects(ask(all.port.port), { code: 'ECONNREFUSED' });
});

test('a drain does not wait for one that hangs', async (t) => {
  const all = await started(t, {
    script: (place) => ({ isSilent: place === 1, cut: 1 }),
    times: { lastWordMs: 100 },
  });
  t.same(await all.crew.drain({ delayMs: 0, timeoutMs: 2_000 }), { cut: 1 });
});

test('signals are left to the primary', async (t) => {
  const all = await started(t);
  const pids = [pidOf(all, 1), pidOf(all, 2)];
  for (const pid of pids) {
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
  }
  await all.crew.collect();
  await ask(all.port.port);
  t.same([pidOf(all, 1), pidOf(all, 2)], pids);
});
