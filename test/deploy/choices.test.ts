import { eventually } from '../support/eventually.ts';
import { bothOf, story } from './story.ts';

story('both are served, until somebody decides', 'ab-testing/weight', async (t, played) => {
  const [, v2] = await bothOf(played);
  await v2.add('v2');
  const clients = played.clients();
  const seen = new Set<string>();
  clients.onAnswer = (body) => seen.add(body);
  played.routes('2-weight');
  await eventually(() => seen.size === 2, 'both answer');
  const ada = await played.get('x-user-id: ada\r\n');
  for (let time = 0; time < 5; time += 1) t.equal(await played.get('x-user-id: ada\r\n'), ada);
  t.equal(await played.tell('testpage', 'promote', { force: true }), 200);
  await played.share('testpage', 'v2', 1);
  t.equal(await played.tell('testpage', 'undo'), 200);
  await played.share('testpage', 'v1', 1);
  await played.lostNothing(clients);
});

for (const { strategy, rules, request } of [
  { strategy: 'ab-testing/header', rules: '2-header', request: 'x-api-version: v2.0.0\r\n' },
  { strategy: 'ab-testing/cookie', rules: '2-cookie', request: 'cookie: insider=yes\r\n' },
  {
    strategy: 'ab-testing/device',
    rules: '2-device',
    request:
      'user-agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36\r\n',
  },
]) {
  story('who is chosen gets v2, until it is shut out', strategy, async (t, played) => {
    const [, v2] = await bothOf(played);
    await v2.add('v2');
    const clients = played.clients();
    t.equal(await played.get(request), 'v1');
    played.routes(rules);
    await eventually(async () => (await played.get(request)) === 'v2', 'v2 answers');
    t.equal(await played.tell('testpage', 'disable', { version: 'v2' }), 200);
    t.equal(await played.get(request), 'v1');
    t.equal(await played.tell('testpage', 'enable', { version: 'v2' }), 200);
    t.equal(await played.get(request), 'v2');
    await played.lostNothing(clients);
  });
}

story('v2 gets copies of what is read, and answers nobody', 'shadow', async (t, played) => {
  const [v1, v2] = await bothOf(played);
  const pod = await v2.add('v2');
  played.routes('2-shadow');
  await played.phase('testpage', 'progressing');
  const clients = played.clients();
  const seen = new Set<string>();
  clients.onAnswer = (body) => seen.add(body);
  const copies = () => pod.origin.connections.map(({ received }) => received).join('');
  await eventually(() => copies().includes('GET / '), 'a copy has come');
  t.equal(await played.post(), 'v1');
  t.equal(await played.post(), 'v1');
  t.ok(v1.all[0]?.origin.connections.some(({ received }) => received.includes('POST /order ')));
  t.notOk(copies().includes('POST'), 'what is written is not copied');
  t.equal(await played.tell('testpage', 'abort'), 200);
  played.routes('1-before');
  await played.share('testpage', 'v1', 1);
  t.same([...seen], ['v1']);
  await played.lostNothing(clients);
});
