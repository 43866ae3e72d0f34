import { test } from 'tap';
import { Peers, type Question } from '../../src/cluster/peers.ts';
import { numberIn } from '../../src/edge/peer-json.ts';
import {
  fetchUnits,
  readUnitsPart,
  spreadUnits,
  unitsPartJson,
} from '../../src/edge/peer-units.ts';
import { UnitLogs } from '../../src/rollout/unit-logs.ts';

const release = 'shop-1';

/** The units of a leader, and another replica behind a network of which a test sees each question. */
async function twoReplicas(count: number) {
  const [own, theirs] = [new UnitLogs(), new UnitLogs()];
  own.lead(release, 'a/1', undefined);
  own.add(release, new Uint8Array(count * 8).fill(7), 'a/1');
  const asked: Question[] = [];
  const answer = ({ what, body }: Question): object => {
    if (what === 'units') {
      const { term: _, ...part } = readUnitsPart(body);
      return { length: theirs.take(part) };
    }
    return what === 'units-of' ? unitsPartJson(theirs, body) : {};
  };
  const peers = new Peers({
    names: [{ host: 'turnout-peers', port: 9090 }],
    epoch: 'me',
    resolve: async () => ['10.0.0.2'],
    ask: async (question) => {
      asked.push(question);
      // As text, as the network has it.
      const told = JSON.parse(JSON.stringify(answer({ ...question })));
      return { ...told, replica: 'turnout-b', epoch: 'other', hash: '', weights: 1 };
    },
    now: () => 0,
    changed: () => {},
    troubled: () => {},
  });
  await peers.start();
  asked.length = 0;
  return { own, theirs, peers, asked };
}

test('what others lack is given to them in parts, and only that', async (t) => {
  const { own, theirs, peers, asked } = await twoReplicas(100_000);
  t.teardown(() => peers.close());
  await spreadUnits(own, peers, 1, 5_000);
  t.same(theirs.bytesOf(release), own.bytesOf(release));
  t.equal(asked.length, 3, 'how much it has, and 800 kB in two parts');
  own.add(release, new Uint8Array(8).fill(9), 'a/1');
  await spreadUnits(own, peers, 1, 5_000);
  t.equal(asked.length, 4);
  t.equal(theirs.lengthOf(release), 800_008);
  await spreadUnits(own, peers, 1, 5_000);
  t.equal(asked.length, 4, 'nothing is asked where nothing is new');
});

test('a replica that has begun anew gets all of it from another one', async (t) => {
  const { own, peers } = await twoReplicas(100_000);
  t.teardown(() => peers.close());
  await spreadUnits(own, peers, 1, 5_000);
  const heard = { from: {}, log: 'a/1', unitBytes: 800_000 };
  const anew = new UnitLogs();
  await fetchUnits(anew, peers, release, heard);
  t.ok(anew.knows(release, heard));
  t.same(anew.bytesOf(release), own.bytesOf(release));
});

test('what nobody has is not known afterwards', async (t) => {
  const { peers } = await twoReplicas(1);
  t.teardown(() => peers.close());
  const anew = new UnitLogs();
  const heard = { from: {}, log: 'gone/1', unitBytes: 8 };
  await fetchUnits(anew, peers, release, heard);
  t.notOk(anew.knows(release, heard));
});

for (const body of [
  undefined,
  {},
  { release, from: -1, id: 'a', bytes: '' },
  { release, from: 0, id: 7, bytes: '' },
  { release, from: 0, id: 'a', bytes: 'AAAA' },
  { release, from: 0, id: 'a', bytes: '', continues: { id: 'b', length: 0.5 } },
]) {
  test(`what is no part of a log is refused: ${JSON.stringify(body)}`, async (t) => {
    t.throws(() => readUnitsPart(body), TypeError);
  });
}

test('a number that is not said is 0', async (t) => {
  t.equal(numberIn(undefined, 'after'), 0);
  t.throws(() => numberIn('1', 'after'), { message: 'after must be a whole number' });
});
