import { setTimeout as after } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { read } from '#core/document/read';
import { ReadOffThread, type ReadOffThreadOptions } from '../../src/config/read-off-thread.ts';

const good =
  'apiVersion: turnout/v1\nroutes:\n  - name: shop\n    versions: { v1: { url: "http://shop:8080" } }\n';

function reader(t: Test, options: ReadOffThreadOptions = {}): ReadOffThread {
  const off = new ReadOffThread(options);
  t.teardown(() => off.close());
  return off;
}

/** A thread that does what a test wants of it. */
function thread(code: string): URL {
  const text = `import { parentPort } from 'node:worker_threads'; ${code}`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
const failsOnBad = thread(
  `parentPort.on('message', ({ id, text }) => {
    if (text === 'exit') process.exit(7);
    if (text === 'throw') setImmediate(() => { throw new Error('a bug of the thread'); });
    else if (text === 'eat') { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }
    else if (text === 'hang') for (;;);
    else if (text === 'bug') parentPort.postMessage({ id, bug: 'it threw' });
    else parentPort.postMessage({ id, reading: { kind: 'problems', problems: [] } });
  });`,
);

test('a document reads off the thread as it reads on it', async (t) => {
  const off = reader(t);
  for (const text of [
    good,
    '',
    'routes: [',
    'apiVersion: turnout/v1\nroutes:\n  - { name: a, wieght: 1 }\n',
    `${good}    audiences: [{ name: x, when: { header: { __proto__: a } }, split: { v1: 1 } }]\n`,
  ]) {
    t.strictSame(await off.read(text), structuredClone(read(text)), JSON.stringify(text));
  }
});

test('documents may be read at the same time', async (t) => {
  const off = reader(t);
  const [first, second] = await Promise.all([off.read(good), off.read('routes: [')]);
  t.equal(first.kind, 'document');
  t.equal(second.kind, 'problems');
});

test('while a document is read, this thread has its turns', async (t) => {
  const off = reader(t);
  const route = (i: number) =>
    `  - { name: r${i}, match: { path: /${i} }, versions: { v1: { url: "http://a:80" } } }\n`;
  const long = `apiVersion: turnout/v1\nroutes:\n${Array.from({ length: 300 }, (_, i) => route(i)).join('')}`;
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  const { kind } = await off.read(long);
  reading = false;
  t.equal(kind, 'document');
  t.ok(turns > 100, `${turns} turns of the event loop`);
});

for (const { text, options, reason } of [
  { text: 'exit', options: {}, reason: /the reading thread ended/ },
  { text: 'throw', options: {}, reason: /a bug of the thread/ },
  { text: 'bug', options: {}, reason: /a bug of Turnout in reading the document: it threw/ },
  { text: 'hang', options: { timeoutMs: 2_000 }, reason: /took longer than 2000 ms/ },
  { text: 'eat', options: { maxHeapMb: 64 }, reason: /memory/ },
]) {
  test(`a thread that does "${text}" loses that document only`, async (t) => {
    const off = reader(t, { worker: failsOnBad, ...options });
    await t.rejects(off.read(text), reason);
    t.equal((await off.read('anything else')).kind, 'problems', 'the next one is read');
  });
}

test('a thread with nothing to do is ended, and made again when needed', async (t) => {
  const tellsItself = thread(
    `import { threadId } from 'node:worker_threads';
    parentPort.on('message', ({ id }) => {
      parentPort.postMessage({ id, reading: { kind: 'problems', problems: [threadId] } });
    });`,
  );
  const off = reader(t, { worker: tellsItself, idleMs: 5 });
  const [first, second] = await Promise.all([off.read(''), off.read('')]);
  t.strictSame(second, first, 'two in a row share one');
  const endsAt = performance.now() + 10_000;
  let later = first;
  while (JSON.stringify(later) === JSON.stringify(first) && performance.now() < endsAt) {
    await after(10);
    later = await off.read('');
  }
  t.notSame(later, first);
});
