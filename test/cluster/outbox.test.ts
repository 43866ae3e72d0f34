import { test } from 'tap';
import { Outbox } from '../../src/cluster/outbox.ts';

const outboxOf = (weigh = (_: string) => 1) => new Outbox<string>('me', weigh);
const never = new AbortController().signal;

test('a batch is told, the same each time, until it is durable', async (t) => {
  const outbox = outboxOf();
  outbox.add('a');
  outbox.add('b');
  t.strictSame(outbox.read(0, 0), [{ sequence: 1, items: ['a', 'b'] }]);
  outbox.add('c');
  t.strictSame(outbox.read(0, 0), [
    { sequence: 1, items: ['a', 'b'] },
    { sequence: 2, items: ['c'] },
  ]);
  t.strictSame(outbox.read(1, 0), [{ sequence: 2, items: ['c'] }]);
  t.strictSame(outbox.read(2, 1), [], 'nothing is new');
  t.strictSame(outbox.read(0, 0), [{ sequence: 2, items: ['c'] }], 'and what is durable has gone');
});

test('what nobody reads does not grow without end', async (t) => {
  const outbox = outboxOf(() => 900_000);
  for (const item of ['a', 'b', 'c', 'd']) outbox.add(item);
  const items = outbox.read(0, 0).flatMap((batch) => batch.items);
  t.ok(outbox.dropped > 0);
  t.equal(items.at(-1), 'd', 'the oldest has gone');
});

test('who waits hears at once of what is urgent, and only once', async (t) => {
  const outbox = outboxOf();
  const waiting = outbox.wait(60_000, never);
  outbox.urgent();
  await waiting;
  t.ok(outbox.isUrgent);
  await outbox.wait(60_000, never);
  outbox.read(0, 0);
  t.notOk(outbox.isUrgent);
  const from = performance.now();
  await outbox.wait(20, never);
  t.ok(performance.now() - from > 15, 'else as long as was said');
});

test('who has gone is not waited for', async (t) => {
  const gone = new AbortController();
  const waiting = outboxOf().wait(60_000, gone.signal);
  gone.abort();
  await waiting;
  t.pass();
});
