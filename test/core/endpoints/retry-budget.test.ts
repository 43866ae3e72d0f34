import fc from 'fast-check';
import { test } from 'tap';
import { budgetWindowMs, RetryBudget } from '#core/endpoints/retry-budget';

/** A budget and the requests that it is told of. */
class Counted {
  readonly budget: RetryBudget;
  requests = 0;

  constructor(percent: number, part?: number) {
    this.budget = new RetryBudget(percent, part);
  }

  turn(windows = 1): void {
    for (let n = 0; n < windows; n++) this.budget.turn(this.requests);
  }

  takeAll(): number {
    let taken = 0;
    while (taken < 100_000 && this.budget.withdraw(this.requests)) taken++;
    return taken;
  }
}

test('20 % of the requests and ten a second', async (t) => {
  const counted = new Counted(20);
  counted.requests += 1_000;
  t.equal(counted.takeAll(), 200 + 100, 'ten of each of the last ten seconds');
  t.equal(counted.takeAll(), 0, 'then there is none');
  counted.turn();
  t.equal(counted.takeAll(), 50, 'but five seconds bring fifty');
});

test('what is not used in ten seconds is lost', async (t) => {
  t.equal(budgetWindowMs, 5_000);
  const counted = new Counted(20);
  counted.requests += 1_000;
  counted.turn();
  t.equal(counted.takeAll(), 50 + 200 + 50, 'in the next window it is all there');
  counted.requests += 1_000;
  counted.turn(2);
  t.equal(counted.takeAll(), 100, 'in the one after that it is not');
});

test('a version that was idle has ten seconds of tokens, not an hour of them', async (t) => {
  const counted = new Counted(20);
  counted.turn(720);
  t.equal(counted.takeAll(), 100);
});

test('parts of tokens add up: five requests at 20 % pay for one', async (t) => {
  const counted = new Counted(20);
  counted.takeAll();
  counted.requests += 4;
  t.equal(counted.takeAll(), 0);
  counted.requests += 1;
  t.equal(counted.takeAll(), 1);
});

test('several processes share what there is always', async (t) => {
  const counted = new Counted(20, 1 / 4);
  counted.requests += 100;
  t.equal(counted.takeAll(), 25 + 20);
});

test('0 % is none at all', async (t) => {
  const counted = new Counted(0);
  counted.requests += 1_000;
  counted.turn();
  t.equal(counted.takeAll(), 0);
});

test('another share holds for what comes, and takes away nothing', async (t) => {
  const counted = new Counted(10);
  counted.requests += 100;
  counted.turn();
  counted.budget.percent = 50;
  counted.requests += 100;
  t.equal(counted.takeAll(), 50 + 10 + 50 + 50);
});

test('a count of requests may run over its 32 bits', async (t) => {
  const counted = new Counted(20);
  counted.takeAll();
  counted.requests = 2 ** 31 - 1;
  counted.turn(2);
  counted.takeAll();
  counted.requests = (counted.requests + 100) | 0;
  t.ok(counted.requests < 0);
  t.equal(counted.takeAll(), 20);
});

test('whatever happens, there are never more than the words say', async () => {
  const steps = fc.array(
    fc.record({ turns: fc.nat(3), requests: fc.nat(60), wishes: fc.nat(60) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const counted = new Counted(20);
      let [seconds, taken] = [0, 0];
      return list.every((step) => {
        counted.turn(step.turns);
        seconds += (step.turns * budgetWindowMs) / 1_000;
        counted.requests += step.requests;
        for (let n = 0; n < step.wishes; n++) {
          if (counted.budget.withdraw(counted.requests)) taken++;
        }
        return taken <= counted.requests * 0.2 + 10 * (seconds + 10) + 1e-6;
      });
    }),
  );
});
