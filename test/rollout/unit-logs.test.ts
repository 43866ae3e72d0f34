import { test } from 'tap';
import { UnitLogs } from '../../src/rollout/unit-logs.ts';

const units = (...keys: readonly number[]) =>
  Uint8Array.from(keys.flatMap((key) => [key, ...rest]));
const rest = [0, 0, 0, 0, 0, 0, 0];
const heard = (log: string, count: number) => ({ from: {}, log, unitBytes: count * 8 });

/** Gives one what another has, as replicas do. */
function give(from: UnitLogs, to: UnitLogs): void {
  const name = from.nameOf('shop-1');
  if (name === undefined) throw new Error('there is no log');
  const length = to.take({ release: 'shop-1', ...name, from: 0, bytes: new Uint8Array(0) });
  const bytes = from.bytesOf('shop-1', length);
  to.take({ release: 'shop-1', ...name, from: length, bytes });
}

function leading(...keys: readonly number[]): UnitLogs {
  const logs = new UnitLogs();
  logs.lead('shop-1', 'a/1', undefined);
  logs.add('shop-1', units(...keys), 'a/1');
  return logs;
}

test('a log is the same on another replica, and parts come one behind the other', async (t) => {
  const [leader, other] = [leading(1, 2), new UnitLogs()];
  give(leader, other);
  leader.add('shop-1', units(3), 'a/1');
  give(leader, other);
  t.same(other.bytesOf('shop-1'), units(1, 2, 3));
  t.ok(other.knows('shop-1', heard('a/1', 3)));
  t.notOk(other.knows('shop-1', heard('a/1', 4)), 'more than it has');
  t.notOk(other.knows('shop-1', heard('b/2', 1)), 'of another log');
});

test('a part that does not fit is not taken', async (t) => {
  const [leader, other] = [leading(1, 2), new UnitLogs()];
  const name = { id: 'a/1', continues: undefined };
  t.equal(other.take({ release: 'shop-1', ...name, from: 8, bytes: units(2) }), 0);
  give(leader, other);
  t.equal(other.take({ release: 'shop-1', ...name, from: 0, bytes: units(1) }), 16, 'nor twice');
});

test('who leads next goes on with what the evidence knows, and the others follow', async (t) => {
  const [first, second, third] = [leading(1, 2), new UnitLogs(), new UnitLogs()];
  give(first, second);
  give(first, third);
  // What comes now is in no evidence.
  first.add('shop-1', units(3), 'a/1');
  give(first, third);
  second.lead('shop-1', 'b/2', heard('a/1', 2));
  t.ok(second.knows('shop-1', heard('a/1', 2)), 'the ledger still names the old one');
  second.add('shop-1', units(4), 'b/2');
  give(second, third);
  t.same(third.bytesOf('shop-1'), units(1, 2, 4));
  t.ok(third.knows('shop-1', heard('b/2', 3)));
});

test('several who led one after the other without writing leave one log', async (t) => {
  const [first, second, third] = [leading(1, 2), new UnitLogs(), new UnitLogs()];
  give(first, second);
  second.lead('shop-1', 'b/2', heard('a/1', 2));
  second.add('shop-1', units(9), 'b/2');
  give(second, third);
  third.lead('shop-1', 'c/3', heard('a/1', 2));
  t.same(third.bytesOf('shop-1'), units(1, 2));
  third.add('shop-1', units(5), 'c/3');
  give(third, second);
  t.same(second.bytesOf('shop-1'), units(1, 2, 5));
});

test('who lacks what the evidence is made of begins anew', async (t) => {
  const logs = new UnitLogs();
  t.notOk(logs.knows('shop-1', heard('a/1', 1)));
  t.ok(logs.knows('shop-1', heard('a/1', 0)), 'nothing is known by everybody');
  logs.lead('shop-1', 'b/2', heard('a/1', 1));
  t.equal(logs.lengthOf('shop-1'), 0);
});
