import { type Test, test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import type { ConfigMap } from '../../src/core/kubernetes/objects.ts';
import { ApiServer, type Asked } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { ManualClock } from './manual-clock.ts';
import { type Followed, followed, type Opened, opened } from './opened.ts';

const { configMaps } = resources;
const all = { resource: configMaps, namespace: 'shop' };

interface Scene extends Followed<ConfigMap> {
  readonly server: ApiServer;
  readonly clock: ManualClock;
  readonly api: Opened;
  readonly put: (name: string, text: string) => void;
  readonly remove: (name: string) => void;
  /** Resolves when a watch is open. */
  readonly isWatching: () => Promise<void>;
  /** What was asked since the last time this was called: `list 1004`, `watch 1004`. */
  readonly asked: () => readonly string[];
}

/** A server with two objects, and a client that follows them. Half of each pause is waited. */
async function scene(t: Test, open: Partial<Parameters<typeof opened>[1]> = {}): Promise<Scene> {
  const server = await ApiServer.start(t);
  const put = (name: string, text: string) =>
    server.put(configMaps, { metadata: { name, namespace: 'shop' }, ...{ data: { text } } });
  put('a', '1');
  put('b', '1');
  const clock = new ManualClock();
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const api = opened(t, { env, clock, ...open });
  const watching = followed<ConfigMap>(api, all, ({ data }) => data?.text);
  // Open on both sides: the client counts its silence.
  const isOpen = () => server.watches.length > 0 && clock.waitsFor(100_000);
  const isWatching = () => eventually(isOpen, 'a watch is open');
  await watching.tells({ a: '1', b: '1' });
  await isWatching();
  let seen = server.asked.length;
  const asked = () => {
    const news = server.asked.slice(seen).map(shown);
    seen = server.asked.length;
    return news;
  };
  const remove = (name: string) => server.remove(configMaps, 'shop', name);
  return { ...watching, server, clock, api, put, remove, isWatching, asked };
}

function shown({ verb, query }: Asked): string {
  return `${verb} ${query.resourceVersion}`;
}

test('lists from a cache at first, then watches from the version of the list', async (t) => {
  const { server, asked } = await scene(t);
  t.strictSame(server.asked.map(shown), ['list 0', 'watch 1002']);
  t.match(server.asked[1]?.query, { allowWatchBookmarks: 'true', timeoutSeconds: '450' });
  t.strictSame(asked(), []);
});

test('what a cache did not have yet comes with the watch', async (t) => {
  const server = await ApiServer.start(t);
  for (const text of ['1', '2', '3']) {
    server.put(configMaps, { metadata: { name: 'a', namespace: 'shop' }, ...{ data: { text } } });
  }
  server.staleBy = 2;
  const api = opened(t, { env: { KUBECONFIG: server.kubeconfigFile(t) } });
  const { tells, told, watch } = followed<ConfigMap>(api, all, ({ data }) => data?.text);
  await tells({ a: '3' });
  t.strictSame(told[0]?.get('shop/a')?.data, { text: '1' });
  server.put(configMaps, {
    metadata: { name: 'a', namespace: 'shop' },
    ...{ data: { text: '4' } },
  });
  await watch.refresh();
  t.strictSame(told.at(-1)?.get('shop/a')?.data, { text: '4' }, 'a refresh does not ask a cache');
});

for (const goneAs of ['status', 'event'] as const) {
  test(`410 as ${goneAs}: lists anew at once, and what vanished is removed`, async (t) => {
    const { server, put, remove, tells, asked, watch } = await scene(t);
    server.goneAs = goneAs;
    server.endWatches();
    put('a', '2');
    remove('b');
    put('c', '1');
    server.compact();
    await tells({ a: '2', c: '1' });
    await eventually(() => server.watches.length > 0, 'it watches again');
    t.strictSame(asked(), ['watch 1002', 'list ', 'watch 1005']);
    t.match(watch.status().restarts, { ended: 1, gone: 1 });
    put('c', '2');
    await tells({ a: '2', c: '2' });
  });
}

test('410 to each watch: it is not asked without end', async (t) => {
  const { server, clock, asked, isWatching } = await scene(t);
  server.fail('watch', { status: 410 }, 3);
  server.endWatches();
  await clock.passPause(400);
  await clock.passPause(800);
  await isWatching();
  t.strictSame(
    asked().map((one) => one.split(' ')[0]),
    ['watch', 'list', 'watch', 'list', 'watch', 'list', 'watch'],
  );
});

test('an ERROR event: told, a pause, a list from the version that is known', async (t) => {
  const { server, clock, put, tells, asked, watch, api } = await scene(t);
  server.error(500, 'etcdserver: request timed out');
  await eventually(() => watch.status().trouble !== undefined, 'there is trouble');
  const trouble = 'configmaps shop: 500: etcdserver: request timed out';
  t.equal(watch.status().trouble, trouble);
  t.match(api.happenings, [{ kind: 'lost', reason: 'server_error', trouble }]);
  put('a', '2');
  t.strictSame(asked(), []);
  await clock.passPause(400);
  await tells({ a: '2', b: '1' });
  await eventually(() => watch.status().trouble === undefined, 'it is over');
  t.strictSame(asked(), ['list 1002', 'watch 1003']);
  t.match(api.happenings, [{ kind: 'lost' }, { kind: 'found', what: 'configmaps shop' }]);
});

test('a version that is too large for the server: what there is now, differences applied', async (t) => {
  const { server, clock, tells, asked, told, watch } = await scene(t);
  server.restore(({ metadata }) => metadata.name === 'a');
  await clock.passPause(400);
  await clock.passPause(800);
  await tells({ a: '1' });
  await eventually(() => server.watches.length > 0, 'it watches again');
  t.strictSame(asked(), ['list 1002', 'list ', 'watch 10']);
  t.match(watch.status().restarts, { cut: 1, server_error: 1 });
  t.equal(told.length, 2);
});

test('an ERROR event that says so is one of these', async (t) => {
  const { server, clock, asked, isWatching } = await scene(t);
  server.error(504, 'Too large resource version: 1002, current: 10', 'Timeout');
  await clock.passPause(400);
  await isWatching();
  t.strictSame(asked(), ['list ', 'watch 1002']);
});

const line = JSON.stringify({
  type: 'ADDED',
  object: { metadata: { name: 'ü', namespace: 'shop', resourceVersion: '2000' } },
});
const bytes = Buffer.from(line).toString('latin1');
for (const { how, unfinished } of [
  { how: 'between two events', unfinished: '' },
  { how: 'inside of an event', unfinished: bytes.slice(0, 20) },
  { how: 'inside of a character', unfinished: bytes.slice(0, bytes.indexOf('\u00c3') + 1) },
]) {
  test(`a connection is cut ${how}: nothing is lost, nothing told twice`, async (t) => {
    const { server, clock, put, tells, asked, told, watch } = await scene(t);
    put('a', '2');
    await tells({ a: '2', b: '1' });
    server.reset(unfinished);
    put('b', '2');
    await clock.passPause(400);
    await tells({ a: '2', b: '2' });
    await eventually(() => server.watches.length > 0, 'it watches again');
    t.strictSame(asked(), ['list 1003', 'watch 1004']);
    t.equal(told.length, 3);
    t.equal(watch.status().restarts.cut, 1);
  });
}

test('a watch that ends inside of an event, in the ordinary way, was cut', async (t) => {
  const { server, clock, watch, isWatching, told } = await scene(t);
  server.send(line.slice(0, 30));
  server.endWatches();
  await clock.passPause(400);
  await isWatching();
  t.equal(watch.status().restarts.cut, 1);
  t.equal(told.length, 1);
});

test('a server that is away for a minute: asked ever less, until it is back', async (t) => {
  const { server, clock, put, remove, tells, told, watch, api } = await scene(t);
  await server.stop();
  for (const pause of [400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]) {
    await clock.passPause(pause);
  }
  await eventually(() => watch.status().restarts.unreachable === 8, 'it was asked in vain');
  t.match(watch.status().trouble, /^configmaps shop: https:\S+ cannot be reached: /);
  put('a', '2');
  remove('b');
  await server.start();
  await clock.passPause(15_000);
  await tells({ a: '2' });
  t.equal(told.length, 2);
  t.match(watch.status().restarts, { cut: 1, unreachable: 8 });
  await eventually(() => watch.status().trouble === undefined, 'nothing is wrong');
  t.match(api.happenings.at(-1), { kind: 'found' });
  const lost = api.happenings.filter(({ kind }) => kind === 'lost');
  t.ok(lost.length <= 2, 'what goes on is not told again and again');
});

test('after two quiet minutes the pauses are short again', async (t) => {
  const { server, clock, isWatching, watch } = await scene(t);
  server.reset();
  await clock.passPause(400);
  await isWatching();
  clock.pass(60_000);
  server.reset();
  await clock.passPause(800);
  await isWatching();
  // Less than the read deadline at once, and a sign of life between.
  clock.pass(60_000);
  server.bookmark();
  await eventually(() => watch.status().lastHeardAt === clock.now(), 'it was heard');
  clock.pass(60_000);
  server.reset();
  await clock.passPause(400);
  await isWatching();
  t.equal(watch.status().restarts.cut, 3);
});

test('a silent server: after the read deadline it is watched from the last version', async (t) => {
  const { server, clock, put, tells, asked, watch, api } = await scene(t);
  server.silence();
  put('a', '2');
  clock.pass(99_999);
  t.equal(watch.status().restarts.silent, 0);
  server.mend();
  clock.pass(1);
  await tells({ a: '2', b: '1' });
  t.strictSame(asked(), ['watch 1002']);
  t.match(watch.status().restarts, { silent: 1, cut: 0 });
  t.strictSame(api.happenings, [], 'a quiet cluster fills no log');
});

test('a server that takes questions and does not answer is asked again, and told of', async (t) => {
  const { server, clock, tells, put, watch, api } = await scene(t);
  server.silence();
  server.endWatches();
  await eventually(() => server.asked.length === 3, 'it was asked');
  clock.pass(30_000);
  await eventually(() => watch.status().restarts.unreachable === 1, 'it is tired of waiting');
  const trouble = 'configmaps shop: nothing was heard for 30 s';
  t.match(api.happenings, [{ kind: 'lost', reason: 'unreachable', trouble }]);
  server.mend();
  put('a', '2');
  await clock.passPause(400);
  await tells({ a: '2', b: '1' });
  await eventually(() => api.happenings.length === 2, 'it is over');
});

test('an ordinary end: watched again at once, from the last version', async (t) => {
  const { server, clock, put, tells, asked, watch, isWatching } = await scene(t);
  clock.pass(5_000);
  put('a', '2');
  await tells({ a: '2', b: '1' });
  server.endWatches();
  await isWatching();
  t.strictSame(asked(), ['watch 1003']);
  t.match(watch.status(), { trouble: undefined, restarts: { ended: 1, cut: 0 } });
});

test('ordinary ends in a storm: the first at once, then ever later', async (t) => {
  const { server, clock, isWatching, tells, put } = await scene(t);
  server.endWatches();
  await isWatching();
  for (const pause of [400, 800, 1_600]) {
    server.endWatches();
    await clock.passPause(pause);
    await isWatching();
  }
  put('a', '2');
  await tells({ a: '2', b: '1' });
  server.endWatches();
  await isWatching();
});

for (const status of [429, 503]) {
  test(`${status} with Retry-After is obeyed`, async (t) => {
    const { server, clock, asked, watch, isWatching } = await scene(t);
    server.fail('watch', { status, headers: { 'retry-after': '7' } });
    server.endWatches();
    await clock.passPause(7_400);
    await isWatching();
    t.strictSame(asked(), ['watch 1002', 'watch 1002']);
    t.equal(watch.status().restarts.throttled, 1);
  });
}

test('no Retry-After makes it stop for good', async (t) => {
  const { server, clock, isWatching } = await scene(t);
  server.fail('watch', { status: 503, headers: { 'retry-after': '86400' } });
  server.endWatches();
  await clock.passPause(300_400);
  await isWatching();
});

test('500 again and again: pauses double, up to a most', async (t) => {
  const { server, clock, watch, isWatching } = await scene(t);
  server.fail(() => true, { status: 500, message: 'panic' }, 8);
  server.endWatches();
  for (const pause of [400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]) {
    await clock.passPause(pause);
  }
  await isWatching();
  t.equal(watch.status().restarts.server_error, 8);
});

test('a bookmark tells nothing, but the version to go on from', async (t) => {
  const { server, clock, asked, told, watch, isWatching } = await scene(t);
  server.put(resources.leases, { metadata: { name: 'other', namespace: 'shop' } });
  clock.pass(5_000);
  server.bookmark();
  await eventually(() => watch.status().lastHeardAt === 5_000, 'it was heard');
  server.compact();
  server.endWatches();
  await isWatching();
  t.strictSame(asked(), ['watch 1003']);
  t.equal(told.length, 1);
});

test('what came and went in one piece is not told', async (t) => {
  const { server, put, tells, told } = await scene(t);
  const object = { metadata: { name: 'c', namespace: 'shop', resourceVersion: '1002' } };
  const events = ['ADDED', 'DELETED'].map((type) => `${JSON.stringify({ type, object })}\n`);
  server.send(events.join(''));
  put('a', '2');
  await tells({ a: '2', b: '1' });
  t.equal(told.length, 2);
});

test('an event of an unknown type is skipped', async (t) => {
  const { server, put, tells, watch } = await scene(t);
  server.send('{"type":"SURPRISE","object":{"metadata":{"name":"x"}}}\n\n');
  put('a', '2');
  await tells({ a: '2', b: '1' });
  t.strictSame(Object.values(watch.status().restarts), new Array(10).fill(0));
});

for (const { what, text } of [
  { what: 'no JSON', text: 'nonsense\n' },
  { what: 'no object', text: '"ADDED"\n' },
  { what: 'no version', text: '{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n' },
  { what: 'no name', text: '{"type":"MODIFIED","object":{"metadata":{"resourceVersion":"9"}}}\n' },
]) {
  test(`an event with ${what} is told, and everything listed`, async (t) => {
    const { server, clock, put, tells, watch, asked } = await scene(t);
    server.send(text);
    put('a', '2');
    await eventually(() => watch.status().restarts.unreadable === 1, 'it was noticed');
    t.match(watch.status().trouble, /^configmaps shop: an event /);
    await clock.passPause(400);
    await tells({ a: '2', b: '1' });
    t.equal(asked()[0], 'list 1002');
  });
}

for (const pieceBytes of [1, 3, 65_536]) {
  test(`a line of 2 MiB in pieces of ${pieceBytes} bytes is read`, async (t) => {
    const { server, put, tells } = await scene(t);
    server.pieceBytes = pieceBytes;
    const text = 'ä'.repeat(pieceBytes < 10 ? 1_000 : 1_048_576);
    put('a', text);
    await tells({ a: text, b: '1' });
  });
}

test('a handler that throws ends nothing', async (t) => {
  const { server, api } = await scene(t);
  const error = new Error('a bug of ours');
  let calls = 0;
  const watch = api.watch(all, () => {
    calls++;
    throw error;
  });
  await watch.synced;
  await eventually(() => server.watches.length === 2, 'it watches');
  server.put(configMaps, { metadata: { name: 'c', namespace: 'shop' } });
  await eventually(() => calls === 2, 'it is told of the next change');
  t.match(api.happenings, [
    { kind: 'failed', error },
    { kind: 'failed', error },
  ]);
  t.equal(watch.status().restarts.ended, 0);
});

test('a refresh is tried at once, while a pause is on', async (t) => {
  const { server, watch, put, last } = await scene(t);
  server.error(500, 'broken');
  await eventually(() => watch.status().trouble !== undefined, 'there is trouble');
  put('a', '2');
  await watch.refresh();
  t.strictSame(last(), { a: '2', b: '1' });
});

test('a refresh that the server refuses is rejected, and the watch goes on', async (t) => {
  const { server, clock, watch, put, tells } = await scene(t);
  server.fail('list', { status: 500, message: 'broken' });
  await t.rejects(watch.refresh(), { status: 500, message: 'broken' });
  put('a', '2');
  await clock.passPause(400);
  await tells({ a: '2', b: '1' });
});

test('what is closed asks nothing any more', async (t) => {
  const { server, watch, api, told, put } = await scene(t);
  const before = server.asked.length;
  watch.close();
  await eventually(() => server.watches.length === 0, 'its watch is gone');
  put('a', '2');
  await t.rejects(watch.refresh(), { message: 'closed' });
  t.equal(server.asked.length, before);
  t.equal(told.length, 1);
  t.strictSame(api.watches(), []);
});
