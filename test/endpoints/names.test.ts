import { type Test, test } from 'tap';
import { type NameStatus, Names, systemLookup } from '../../src/endpoints/names.ts';
import { eventually } from '../support/eventually.ts';

type Answer = readonly string[] | Error;

function noSuchName(): Error {
  return Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
}

/** Names whose answers the test gives; looked up again after some 20 ms. */
function named(t: Test) {
  const asked: string[] = [];
  const failures: string[] = [];
  const waiting = new Map<string, ((answer: Answer) => void)[]>();
  const names = new Names(
    {
      lookup: async (name) => {
        asked.push(name);
        const answer = await new Promise<Answer>((resolve) => {
          waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
        });
        if (answer instanceof Error) throw answer;
        return answer;
      },
      random: () => 0.5,
      failed: (name, trouble, isNews) =>
        failures.push(`${name}: ${trouble}${isNews ? '' : ' still'}`),
      recovered: (name) => failures.push(`${name}: well`),
    },
    { intervalMs: 20, retryMs: 10 },
  );
  t.teardown(() => names.close());
  const answer = async (name: string, what: Answer) => {
    await eventually(() => (waiting.get(name)?.length ?? 0) > 0, `${name} is looked up`);
    waiting.get(name)?.shift()?.(what);
  };
  const follow = (name: string) => {
    const told: NameStatus[] = [];
    const stop = names.follow(name, (status) => told.push(status));
    return { told, stop };
  };
  return { names, asked, failures, waiting, answer, follow };
}

test('who follows is told the first answer, and each other one', async (t) => {
  const { answer, follow } = named(t);
  const { told } = follow('shop');
  t.same(told, [], 'nothing is known yet');
  await answer('shop', ['10.0.0.1']);
  await eventually(() => told.length === 1, 'told');
  await answer('shop', ['10.0.0.1']);
  await answer('shop', ['10.0.0.2', '10.0.0.1']);
  await eventually(() => told.length === 2, 'told again');
  await answer('shop', ['10.0.0.1', '10.0.0.2']);
  await answer('shop', ['10.0.0.3']);
  await eventually(() => told.length === 3, 'another order is no other answer');
  t.same(
    told.map(({ addresses }) => addresses),
    [['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], ['10.0.0.3']],
  );
});

for (const [bad, trouble] of [
  [noSuchName(), 'ENOTFOUND'],
  [[], 'empty'],
  [Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }), 'EAI_AGAIN'],
] as const) {
  test(`${trouble}: the last good answer stays`, async (t) => {
    const { answer, failures, follow } = named(t);
    const { told } = follow('shop');
    await answer('shop', ['10.0.0.1']);
    await answer('shop', bad);
    await answer('shop', bad);
    await eventually(() => failures.length === 2, 'both are counted');
    t.same(told.at(-1), { addresses: ['10.0.0.1'], trouble });
    await answer('shop', ['10.0.0.2']);
    await eventually(() => told.length === 3, 'it goes on');
    t.same(failures, [`shop: ${trouble}`, `shop: ${trouble} still`, 'shop: well']);
    t.same(told.at(-1), { addresses: ['10.0.0.2'], trouble: undefined });
  });
}

test('a name that has never had an answer is known to have none', async (t) => {
  const { answer, follow } = named(t);
  const { told } = follow('nobody');
  await answer('nobody', noSuchName());
  await eventually(() => told.length === 1, 'told');
  t.same(told, [{ addresses: undefined, trouble: 'ENOTFOUND' }]);
  t.same(follow('nobody').told, told, 'who comes later is told at once');
});

test('one look serves all who follow a name, and the last who stops ends it', async (t) => {
  const { asked, answer, follow } = named(t);
  const [one, other] = [follow('shop'), follow('shop')];
  await answer('shop', ['10.0.0.1']);
  await eventually(() => other.told.length === 1, 'told');
  t.same(follow('shop').told, one.told);
  t.same(asked, ['shop']);
  for (const { stop } of [one, other]) stop();
  await answer('shop', ['10.0.0.2']);
  t.equal(one.told.length, 1, 'who stopped hears nothing');
});

test('an answer that comes late is waited for, not asked for again', async (t) => {
  const { asked, answer, follow } = named(t);
  const { told } = follow('slow');
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.same(asked, ['slow']);
  await answer('slow', ['10.0.0.1']);
  await eventually(() => told.length === 1, 'told at last');
});

test('names that hang take two threads, and the others wait for one of these', async (t) => {
  const { asked, answer, follow } = named(t);
  for (const name of ['a', 'b', 'c']) follow(name);
  t.same(asked, ['a', 'b']);
  await answer('b', noSuchName());
  await eventually(() => asked.includes('c'), 'a place is free');
});

test('once closed nothing is asked and nobody is told', async (t) => {
  const { names, asked, answer, follow } = named(t);
  const { told } = follow('shop');
  await answer('shop', ['10.0.0.1']);
  await eventually(() => told.length === 1, 'told');
  await eventually(() => asked.length === 2, 'the next look is under way');
  names.close();
  await answer('shop', ['10.0.0.2']);
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.equal(told.length, 1);
  t.equal(asked.length, 2);
});

test('the system knows localhost, and addresses as they are', async (t) => {
  t.ok((await systemLookup('localhost')).some((address) => /^(127\.|::1$)/.test(address)));
  t.same(await systemLookup('127.0.0.9'), ['127.0.0.9']);
  await t.rejects(systemLookup('no-such-name.invalid'));
});
