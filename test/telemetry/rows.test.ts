import { test } from 'tap';
import { goneAfterMs, noRouteRow, Rows } from '../../src/telemetry/rows.ts';

test('a pair has the same row for the life of the process', async (t) => {
  const rows = new Rows({ columns: 4 });
  const first = rows.rowOf('shop', 'v1');
  rows.rowOf('shop', 'v2');
  rows.inForce(new Set(), 0);
  rows.inForce(new Set([rows.rowOf('shop', 'v2')]), goneAfterMs * 10);
  t.equal(rows.rowOf('shop', 'v1'), first);
});

test('names that run together when joined are different pairs', async (t) => {
  const rows = new Rows({ columns: 4 });
  t.not(rows.rowOf('shop/a', 'b'), rows.rowOf('shop', 'a/b'));
  t.not(rows.rowOf('shop', ''), rows.rowOf('', 'shop'));
});

test('a request without a route has a row of its own, taken before all others', async (t) => {
  const rows = new Rows({ columns: 4 });
  t.equal(rows.rowOf('', ''), noRouteRow);
  t.not(rows.rowOf('shop', ''), noRouteRow);
});

test('the table grows by copying: no number falls', async (t) => {
  const rows = new Rows({ columns: 4 });
  const first = rows.rowOf('shop', 'v0');
  rows.values[first * 4 + 3] = 42;
  for (let i = 1; i < 500; i++) rows.rowOf('shop', `v${i}`);
  t.equal(rows.values[first * 4 + 3], 42);
  t.ok(rows.values.length >= rows.all().length * 4, 'there is room for every row');
});

test('beyond the limit a pair is shown as _overflow, and stays so', async (t) => {
  const rows = new Rows({ columns: 1, maxNamedPairs: 2 });
  rows.inForce(new Set([rows.rowOf('shop', 'v1'), rows.rowOf('shop', 'v2')]), 0);
  const third = rows.rowOf('shop', 'v3');
  t.equal(rows.all()[third]?.named, false);
  t.equal(rows.overflowPairs(), 1);
  rows.inForce(new Set([third]), 0);
  rows.rowOf('shop', 'v3');
  t.equal(rows.all()[third]?.named, false, 'though there is a name left now');
  t.equal(rows.all()[rows.rowOf('shop', 'v4')]?.named, true, 'a new pair takes it');
});

test("a route's own row takes no name from the pairs", async (t) => {
  const rows = new Rows({ columns: 1, maxNamedPairs: 1 });
  rows.rowOf('shop', '');
  t.equal(rows.all()[rows.rowOf('shop', 'v1')]?.named, true);
});

test('when all rows are taken, new pairs share one', async (t) => {
  const rows = new Rows({ columns: 1, maxRows: 4 });
  rows.rowOf('shop', 'v1');
  rows.rowOf('shop', 'v2');
  const shared = rows.rowOf('shop', 'v3');
  t.equal(rows.rowOf('shop', 'v4'), shared);
  t.equal(rows.rowOf('shop', 'v3'), shared);
  t.equal(rows.all().length, 4);
  t.equal(rows.overflowPairs(), 2, 'each is counted once, however often it is asked for');
});
