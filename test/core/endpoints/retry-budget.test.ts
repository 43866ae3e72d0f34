import fc from 'fast-check';
import { test } from 'tap';
import { RetryBudget } from '#core/endpoints/retry-budget';

function takeAll(budget: RetryBudget, second: number): number {
  let taken = 0;
  while (taken < 100_000 && budget.withdraw(second)) taken++;
  return taken;
}

test('20 % of the requests and ten a second', async (t) => {
  const budget = new RetryBudget(20);
  for (let n = 0; n < 1_000; n++) budget.deposit(100);
  t.equal(takeAll(budget, 100), 200 + 100, 'ten of each of the last ten seconds');
  t.equal(takeAll(budget, 100), 0, 'then there is none');
  t.equal(takeAll(budget, 101), 10, 'but each second brings ten');
});

test('what is not used in ten seconds is lost', async (t) => {
  const budget = new RetryBudget(20);
  for (let n = 0; n < 1_000; n++) budget.deposit(100);
  t.equal(takeAll(budget, 109), 200 + 100, 'the tenth second');
  for (let n = 0; n < 1_000; n++) budget.deposit(200);
  t.equal(takeAll(budget, 210), 100, 'an hour would bring no more than this');
});

test('a version that was idle has ten seconds of tokens, not an hour of them', async (t) => {
  const budget = new RetryBudget(20);
  budget.deposit(1);
  t.equal(takeAll(budget, 3_601), 100);
});

test('parts of tokens add up: five requests at 20 % pay for one', async (t) => {
  const budget = new RetryBudget(20);
  budget.deposit(7);
  takeAll(budget, 7);
  for (let n = 0; n < 4; n++) budget.deposit(7);
  t.equal(takeAll(budget, 7), 1);
});

test('0 % is none at all', async (t) => {
  const budget = new RetryBudget(0);
  for (let n = 0; n < 1_000; n++) budget.deposit(1);
  t.equal(takeAll(budget, 5), 0);
});

test('another share holds for what comes, and takes away nothing', async (t) => {
  const budget = new RetryBudget(10);
  for (let n = 0; n < 100; n++) budget.deposit(1);
  budget.percent = 50;
  for (let n = 0; n < 100; n++) budget.deposit(1);
  t.equal(takeAll(budget, 1), 100 + 10 + 50);
});

test('whatever happens, there are never more than the words say', async () => {
  const steps = fc.array(
    fc.record({ wait: fc.nat(12), requests: fc.nat(60), wishes: fc.nat(60) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const budget = new RetryBudget(20);
      let [second, requests, taken] = [0, 0, 0];
      return list.every((step) => {
        second += step.wait;
        for (let n = 0; n < step.requests; n++) budget.deposit(second);
        requests += step.requests;
        for (let n = 0; n < step.wishes; n++) if (budget.withdraw(second)) taken++;
        return taken <= requests * 0.2 + 10 * (second + 10) + 1e-6;
      });
    }),
  );
});
