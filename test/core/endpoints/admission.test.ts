import { test } from 'tap';
import { Admission, type Waiter } from '#core/endpoints/admission';

const limits = { connections: 2, inFlight: 2, waiting: 2 };

function enter(admission: Admission, waiter: Waiter): 'in' | 'waits' | 'full' {
  if (admission.enter()) return 'in';
  return admission.queue(waiter) ? 'waits' : 'full';
}

function waiters(...names: string[]) {
  const admitted: string[] = [];
  const list = names.map((name): Waiter => ({ admitted: () => admitted.push(name) }));
  return { admitted, list };
}

test('beyond the connections they wait, beyond the places to wait they are turned away', async (t) => {
  const admission = new Admission(limits);
  const { admitted, list } = waiters('a', 'b', 'c', 'd', 'e');
  t.same(
    list.map((waiter) => enter(admission, waiter)),
    ['in', 'in', 'waits', 'waits', 'full'],
  );
  t.equal(admission.waiting, 2);
  admission.leave();
  t.same(admitted, ['c'], 'who came first');
  t.equal(admission.inUse, 2);
  admission.leave();
  admission.leave();
  t.same(admitted, ['c', 'd']);
  t.equal(admission.inUse, 1);
});

test('nobody overtakes those who wait', async (t) => {
  const admission = new Admission({ ...limits, connections: 1 });
  const { list, admitted } = waiters('a', 'b');
  const [a, b] = list as [Waiter, Waiter];
  enter(admission, a);
  enter(admission, {
    admitted: () => {
      admitted.push('first');
      // From within: a place is free here, but b has come before.
      t.equal(enter(admission, a), 'waits');
    },
  });
  enter(admission, b);
  admission.leave();
  admission.leave();
  t.same(admitted, ['first', 'b']);
});

test('who goes away leaves the line', async (t) => {
  const admission = new Admission(limits);
  const { list, admitted } = waiters('a', 'b', 'c', 'd');
  for (const waiter of list) enter(admission, waiter);
  admission.forget(list[2] as Waiter);
  admission.leave();
  t.same(admitted, ['d']);
  t.equal(admission.waiting, 0);
});

test('fewer in flight than connections: there is nothing to wait for', async (t) => {
  const admission = new Admission({ ...limits, inFlight: 1 });
  const { list } = waiters('a', 'b');
  t.same(
    list.map((waiter) => enter(admission, waiter)),
    ['in', 'full'],
  );
});

test('limits that are raised let in who waits', async (t) => {
  const admission = new Admission(limits);
  const { list, admitted } = waiters('a', 'b', 'c', 'd');
  for (const waiter of list) enter(admission, waiter);
  admission.limits = { ...limits, connections: 3, inFlight: 3 };
  t.same(admitted, ['c']);
  admission.limits = { ...limits, connections: 1 };
  admission.leave();
  admission.leave();
  t.same(admitted, ['c'], 'limits that are lowered let the surplus end first');
  admission.leave();
  t.same(admitted, ['c', 'd']);
});

test('10,000 that fail as soon as they are let in are no recursion', async (t) => {
  const admission = new Admission({ connections: 1, inFlight: 1, waiting: 10_000 });
  let failed = 0;
  const failing: () => Waiter = () => ({
    admitted: () => {
      failed++;
      admission.leave();
    },
  });
  enter(admission, failing());
  for (let n = 0; n < 10_000; n++) enter(admission, failing());
  admission.leave();
  t.equal(failed, 10_000);
  t.equal(admission.inUse, 0);
});
