import { test } from 'tap';
import { type Introduction, Peers, type Question } from '../../src/cluster/peers.ts';
import { eventually } from '../support/eventually.ts';

const introduction = (epoch: string): Introduction => ({
  ...{ replica: `turnout-${epoch}`, epoch, hash: 'aaa', weights: 1 },
});

/** Peers behind a name, with what a test lets them answer. */
function peersOf(answers: Readonly<Record<string, (question: Question) => Introduction>>) {
  const troubles: string[] = [];
  const asked: Question[] = [];
  const of = { hosts: Object.keys(answers), isBroken: false, nowMs: 0 };
  const peers = new Peers({
    names: [{ host: 'turnout-peers', port: 9090 }],
    epoch: 'me',
    resolve: async () => {
      if (of.isBroken) throw new Error('no such name');
      return of.hosts;
    },
    ask: async (question) => {
      asked.push(question);
      const answer = answers[question.address.host];
      if (answer === undefined) throw new Error('connection refused');
      return answer(question);
    },
    now: () => of.nowMs,
    changed: () => {},
    troubled: (what) => troubles.push(what),
  });
  return { peers, troubles, asked, of };
}

test('a name stands for all its addresses, but for the one that is this process', async (t) => {
  const { peers } = peersOf({
    '10.0.0.1': () => introduction('me'),
    '10.0.0.2': () => introduction('other'),
  });
  await peers.start();
  t.teardown(() => peers.close());
  t.match(peers.all(), [{ address: { host: '10.0.0.2', port: 9090 }, known: { epoch: 'other' } }]);
  t.equal(peers.all().length, 1);
  t.equal(peers.living().length, 1);
});

test('who does not answer is there and is not living', async (t) => {
  const { peers } = peersOf({
    '10.0.0.2': () => {
      throw new Error('connection refused');
    },
  });
  await peers.start();
  t.teardown(() => peers.close());
  t.equal(peers.all().length, 1);
  t.equal(peers.living().length, 0);
  t.match(peers.all()[0]?.trouble, 'connection refused');
});

test('who has answered lives on for a while of silence', async (t) => {
  let isThere = true;
  const { peers, of } = peersOf({
    '10.0.0.2': () => {
      if (!isThere) throw new Error('connection reset');
      return introduction('other');
    },
  });
  await peers.start();
  t.teardown(() => peers.close());
  isThere = false;
  const [peer] = peers.all();
  if (peer === undefined) throw new Error('nobody is there');
  await t.rejects(peers.ask(peer, 'hello', {}, 100));
  t.equal(peers.living().length, 1);
  of.nowMs = 10_001;
  t.equal(peers.living().length, 0);
});

test('addresses that come and go are noticed; a name that cannot be resolved keeps them', async (t) => {
  t.context = undefined;
  const { peers, of, troubles } = peersOf({
    '10.0.0.2': () => introduction('two'),
    '10.0.0.3': () => introduction('three'),
  });
  of.hosts = ['10.0.0.2'];
  await peers.start();
  t.teardown(() => peers.close());
  of.hosts = ['10.0.0.3'];
  const isThree = () => peers.all().some(({ address }) => address.host === '10.0.0.3');
  await eventually(isThree, 'the new one is there');
  t.equal(peers.all().length, 1);
  of.isBroken = true;
  await eventually(() => troubles.length > 0, 'it is told');
  t.equal(peers.all().length, 1);
});
