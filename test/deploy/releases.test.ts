import { eventually } from '../support/eventually.ts';
import { bothOf, endAll, endOne, isSwitched, story } from './story.ts';

story(
  'requests wait in the gap, there and back, and none is lost',
  'recreate',
  async (t, played) => {
    const [v1, v2] = await bothOf(played);
    await v1.add('v1');
    const clients = played.clients();
    const seen: string[] = [];
    clients.onAnswer = (body) => seen.push(body);
    played.routes('2-recreate');
    await played.phase('testpage', 'progressing');
    await endAll(v1, played, 'v1');
    await v2.add('v2');
    await v2.add('v2');
    await played.phase('testpage', 'complete');
    await eventually(() => seen.at(-1) === 'v2', 'v2 answers');
    t.notOk(seen.slice(seen.indexOf('v2')).includes('v1'), 'never both');

    t.equal(await played.tell('testpage', 'undo'), 200);
    await endAll(v2, played, 'v2');
    await v1.add('v1');
    await eventually(() => seen.at(-1) === 'v1', 'v1 answers again');
    await played.lostNothing(clients);
  },
);

story(
  'the share follows the pods, there and back, and no request is lost',
  'ramped',
  async (_t, played) => {
    const [v1, v2] = await bothOf(played);
    await v1.add('v1');
    await v1.add('v1');
    const clients = played.clients();
    played.routes('2-ramped');
    await played.phase('testpage', 'progressing');
    await v2.add('v2');
    await played.share('testpage', 'v2', 1 / 4);
    await endOne(v1);
    await played.share('testpage', 'v2', 1 / 3);

    // Half-way back, by the Deployment alone.
    await v1.add('v1');
    await played.share('testpage', 'v2', 1 / 4);
    await endAll(v2, played, 'v2');
    await played.share('testpage', 'v2', 0);

    for (const [share, left] of [
      [1 / 4, 2],
      [2 / 4, 1],
      [3 / 4, 0],
    ] as const) {
      await v2.add('v2');
      await played.share('testpage', 'v2', share);
      if (left > 0) await endOne(v1);
      else await endAll(v1, played, 'v1');
    }
    await played.phase('testpage', 'complete');
    await played.lostNothing(clients);

    // Back when it is complete: v1 serves what finds no pod of v2, and then everything.
    await v1.add('v1');
    for (const pod of v2.all) await v2.remove(pod);
    await eventually(async () => (await played.get()) === 'v1', 'v1 answers');
    await played.tell('testpage', 'undo');
    await played.share('testpage', 'v1', 1);
  },
);

story(
  'green waits for the switch, which is refused before it is ready',
  'blue-green/single',
  async (t, played) => {
    const [, green] = await bothOf(played);
    played.routes('2-blue-green');
    await played.phase('testpage', 'progressing');
    t.equal(await played.tell('testpage', 'switch', { version: 'green' }), 409);
    await green.add('v2');
    const clients = played.clients();
    await isSwitched(played, 'testpage', 'green');
    t.equal(await played.get(), 'v2');
    t.equal(await played.tell('testpage', 'undo'), 200);
    t.equal(await played.get(), 'v1');

    t.equal(await played.tell('testpage', 'resume'), 200);
    await isSwitched(played, 'testpage', 'green');
    t.equal(await played.get(), 'v2');
    await played.lostNothing(clients);
  },
);

story('both services go together or not at all', 'blue-green/multiple', async (t, played) => {
  const both = async () => [
    await played.get('', 'a.example.com'),
    await played.get('', 'b.example.com'),
  ];
  await (await played.pods('testpage-a-v2')).add('v2');
  played.routes('2-blue-green');
  await played.phase('shop-b', 'progressing');
  t.equal(await played.tell('shop-a', 'switch', { version: 'green' }), 409, 'b is not ready');
  t.same(await both(), ['v1', 'v1']);
  await (await played.pods('testpage-b-v2')).add('v2');
  await isSwitched(played, 'shop-a', 'green');
  t.same(await both(), ['v2', 'v2']);
  t.equal(await played.tell('shop-b', 'undo'), 200);
  t.same(await both(), ['v1', 'v1']);
});

story(
  'the share is the part of the pods, there and back',
  'canary/replicas',
  async (_t, played) => {
    const [v1, v2] = await bothOf(played);
    for (let number = 1; number < 9; number += 1) await v1.add('v1');
    const clients = played.clients();
    played.routes('2-follow');
    await played.phase('testpage', 'progressing');
    await v2.add('v2');
    await played.share('testpage', 'v2', 0.1);
    await endAll(v2, played, 'v2');
    await played.share('testpage', 'v2', 0);
    await played.lostNothing(clients);
  },
);

story('a tenth, a pause, half, all; and v2 can be shut out', 'canary/weight', async (t, played) => {
  const [, v2] = await bothOf(played);
  played.routes('2-canary');
  await played.phase('testpage', 'progressing');
  t.equal(await played.get(), 'v1', 'nobody before there is a pod');
  await v2.add('v2');
  await played.share('testpage', 'v2', 0.1);
  const clients = played.clients();
  t.equal(await played.tell('testpage', 'promote'), 200);
  await played.phase('testpage', 'paused');
  t.equal(await played.tell('testpage', 'resume'), 200);
  await played.share('testpage', 'v2', 0.5);
  t.equal(await played.tell('testpage', 'promote'), 200);
  await played.phase('testpage', 'complete');
  await played.share('testpage', 'v2', 1);
  t.equal(await played.tell('testpage', 'disable', { version: 'v2' }), 200);
  t.equal(await played.get(), 'v1');
  t.equal(await played.tell('testpage', 'enable', { version: 'v2' }), 200);
  await played.share('testpage', 'v2', 1);
  t.equal(await played.tell('testpage', 'undo'), 200);
  await played.share('testpage', 'v1', 1);
  t.equal(await played.tell('testpage', 'resume'), 200, 'and it begins anew');
  await played.share('testpage', 'v2', 0.1);
  t.equal(await played.tell('testpage', 'abort'), 200);
  await played.lostNothing(clients);
});

story('pods come and go, and the share stays', 'canary/autoscaling', async (t, played) => {
  const [v1, v2] = await bothOf(played);
  played.routes('2-canary');
  await v2.add('v2');
  await played.share('testpage', 'v2', 0.1);
  const clients = played.clients();
  await v2.add('v2');
  await v1.add('v1');
  await ready([2, 2]);
  await endOne(v1);
  await ready([1, 2]);
  const { versions, rollout } = await played.status('testpage');
  t.match(rollout, { phase: 'progressing', step: 1 });
  t.match(versions, [{ share: 0.9 }, { share: 0.1 }]);
  t.equal(await played.tell('testpage', 'abort'), 200);
  await played.lostNothing(clients);

  function ready(pods: readonly number[]): Promise<void> {
    return eventually(
      async () => {
        const { versions } = await played.status('testpage');
        return versions.every(({ readyEndpoints }, at) => readyEndpoints === pods[at]);
      },
      `${pods.join(' and ')} pods are known`,
    );
  }
});
