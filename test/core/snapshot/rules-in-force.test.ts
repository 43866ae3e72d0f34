import fc from 'fast-check';
import { test } from 'tap';
import type { Document } from '#core/document/document';
import type { RolloutRule } from '#core/rollout/rule';
import { draw } from '#core/routing/rendezvous';
import type { RouteRule, VersionRule } from '#core/routing/rules';
import { documentInForce, ruleInForce, type Standing } from '#core/snapshot/rules-in-force';
import { mirrorTo, rule, snapshotOf, version } from '../routing/made-up.ts';

const rollout: RolloutRule = {
  strategy: 'recreate',
  from: 'v1',
  to: 'v2',
  judge: undefined,
  onFail: 'rollback',
  onUndecided: 'pause',
  holdMs: 30_000,
};

/** As the document has it, but for what a test says. */
function standing(rest: Partial<Standing> = {}): Standing {
  return {
    share: undefined,
    disabled: [],
    isHeld: false,
    holdMs: 0,
    isMirrored: undefined,
    judging: undefined,
    pinned: undefined,
    overlay: undefined,
    ...rest,
  };
}

function weights(...list: readonly number[]): readonly VersionRule[] {
  return list.map((weight, i) => version(`v${i + 1}`, { weight }));
}

function weightsOf({ versions }: RouteRule): readonly number[] {
  return versions.map(({ weight }) => weight);
}

const document: Document = {
  apiVersion: 'turnout/v1',
  routes: [rule({ name: 'a', rollout }), rule({ name: 'b', rollout })],
};

test('what nothing is known of is as the document has it, the very same object', async (t) => {
  t.equal(documentInForce(document, new Map()), document);
  t.equal(documentInForce(document, new Map([['a', standing()]])), document);
  t.equal(documentInForce(document, new Map([['gone', standing({ share: 1 })]])), document);
});

test('a route that stands otherwise is another object, and the others are not', async (t) => {
  const { routes } = documentInForce(document, new Map([['b', standing({ share: 1 })]]));
  t.equal(routes[0], document.routes[0]);
  t.not(routes[1], document.routes[1]);
});

test('a standing that says what the document says changes nothing', async (t) => {
  const held = rule({ rollout, mirror: mirrorTo('v2'), versions: weights(75, 25) });
  t.equal(ruleInForce(held, standing({ share: 0.25, isMirrored: true })), held);
});

for (const { of, share, are } of [
  { of: [90, 10], share: 0.5, are: [50, 50] },
  { of: [1, 0], share: 0.25, are: [0.75, 0.25] },
  { of: [90, 10], share: 0, are: [100, 0] },
  { of: [90, 10], share: 1, are: [0, 100] },
  { of: [60, 0, 40], share: 0.5, are: [30, 30, 40] },
  { of: [1, 0], share: undefined, are: [1, 0] },
]) {
  test(`${of} with ${share} for v2 are ${are}`, async (t) => {
    const now = ruleInForce(rule({ rollout, versions: weights(...of) }), standing({ share }));
    t.strictSame(weightsOf(now), are);
  });
}

test('without a rollout nothing has a share', async (t) => {
  const plain = rule();
  t.equal(ruleInForce(plain, standing({ share: 0.5, isMirrored: true })), plain);
});

const share = fc.double({ min: 0, max: 1, noNaN: true });

test('the sum of both stays, and nothing and all are exact', async () => {
  const weight = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), weight, share, (from, to, part) => {
      const of = (of: number) =>
        weightsOf(
          ruleInForce(rule({ rollout, versions: weights(from, to) }), standing({ share: of })),
        );
      const [a = 0, b = 0] = of(part);
      const isWhole = Math.abs(a + b - (from + to)) <= 1e-9 * (from + to);
      return isWhole && of(0)[1] === 0 && of(0)[0] === from + to && of(1)[0] === 0;
    }),
  );
});

function versionOf(rest: Partial<RouteRule>, part: number, unit: string): string | undefined {
  const [route] = snapshotOf(
    ruleInForce(rule({ rollout, ...rest }), standing({ share: part })),
  ).routes;
  return route && draw(route.split, route.salt, unit)?.name;
}

test('of two versions a larger share moves units onto v2 and nobody else', async () => {
  fc.assert(
    fc.property(share, share, fc.array(fc.string(), { minLength: 20 }), (one, other, units) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      return units.every((unit) => {
        const before = versionOf({ versions: weights(9, 1) }, less, unit);
        const after = versionOf({ versions: weights(9, 1) }, more, unit);
        return after === before || after === 'v2';
      });
    }),
  );
});

test('of three, nobody comes to v1 and nobody leaves v2', async () => {
  fc.assert(
    fc.property(share, share, fc.array(fc.string(), { minLength: 20 }), (one, other, units) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      return units.every((unit) => {
        const before = versionOf({ versions: weights(5, 2, 3) }, less, unit);
        const after = versionOf({ versions: weights(5, 2, 3) }, more, unit);
        return after === before || (after !== 'v1' && before !== 'v2');
      });
    }),
  );
});

test('replicas answer alike, in whatever order their documents name the versions', async () => {
  fc.assert(
    fc.property(share, fc.string(), (part, unit) => {
      const versions = weights(9, 1);
      return (
        versionOf({ versions }, part, unit) ===
        versionOf({ versions: versions.toReversed() }, part, unit)
      );
    }),
  );
});

test('at 0 nobody gets v2, at 1 nobody v1', async () => {
  fc.assert(
    fc.property(
      fc.string(),
      (unit) => versionOf({}, 0, unit) === 'v1' && versionOf({}, 1, unit) === 'v2',
    ),
  );
});

test('a held route lets every request wait', async (t) => {
  const now = ruleInForce(rule({ rollout }), standing({ isHeld: true, holdMs: 5_000 }));
  t.match(now, { isHeld: true, onUnavailable: { kind: 'hold', holdMs: 5_000 } });
});

test('a mirror is taken out, put in, or made', async (t) => {
  const mirrored = rule({ rollout, mirror: mirrorTo('v2', { percent: 5 }) });
  t.equal(ruleInForce(mirrored, standing({ isMirrored: false })).mirror, undefined);
  t.equal(ruleInForce(mirrored, standing({ isMirrored: true })).mirror, mirrored.mirror);
  const made = ruleInForce(rule({ rollout }), standing({ isMirrored: true })).mirror;
  t.match(made, { to: 'v2', percent: 100, compare: { status: true, latency: true } });
});

for (const { that, of, disabled, part, are } of [
  {
    that: 'a disabled version gets nothing; the rest keep their weights',
    of: [50, 50],
    disabled: ['v2'],
    part: undefined,
    are: ['v1 50 active', 'v2 50 disabled'],
  },
  {
    that: 'who had everything leaves it to the other of the rollout',
    of: [10, 0],
    disabled: ['v1'],
    part: undefined,
    are: ['v1 10 disabled', 'v2 10 active'],
  },
  {
    that: 'the same on the way back',
    of: [10, 0],
    disabled: ['v2'],
    part: 1,
    are: ['v1 10 active', 'v2 10 disabled'],
  },
  {
    that: 'a third version with a weight is enough',
    of: [10, 0, 5],
    disabled: ['v1'],
    part: undefined,
    are: ['v1 10 disabled', 'v2 0 active', 'v3 5 active'],
  },
  {
    that: 'with both of them disabled nobody serves',
    of: [10, 0],
    disabled: ['v1', 'v2'],
    part: undefined,
    are: ['v1 10 disabled', 'v2 0 disabled'],
  },
]) {
  test(that, async (t) => {
    const written = rule({ rollout, versions: weights(...of) });
    const { versions } = ruleInForce(written, standing({ disabled, share: part }));
    t.strictSame(
      versions.map(({ name, weight, state }) => `${name} ${weight} ${state}`),
      are,
    );
  });
}

test('without a rollout nobody inherits what a disabled version had', async (t) => {
  const now = ruleInForce(rule({ versions: weights(1, 0) }), standing({ disabled: ['v1'] }));
  t.strictSame(weightsOf(now), [1, 0]);
});

test('an older rule takes the place of the document, with its own rollout', async (t) => {
  const pinned = rule({ versions: weights(3, 1), rollout });
  t.equal(ruleInForce(rule(), standing({ pinned })), pinned);
  t.strictSame(weightsOf(ruleInForce(rule(), standing({ pinned, share: 1 }))), [0, 4]);
});

const wholeOrNone = fc.oneof(fc.constant(0), fc.nat(1_000_000));
const someOf = fc
  .tuple(wholeOrNone, wholeOrNone, wholeOrNone)
  .filter((list) => list.some((weight) => weight > 0));

function overlayOf(list: readonly number[]): Record<string, number> {
  return Object.fromEntries(list.map((weight, i) => [`v${i + 1}`, weight]));
}

test('for a while weights are exactly those of the overlay, whatever they were and the rollout says', async () => {
  fc.assert(
    fc.property(someOf, someOf, fc.option(share, { nil: undefined }), (of, wanted, part) => {
      const now = ruleInForce(
        rule({ rollout, versions: weights(...of) }),
        standing({ overlay: overlayOf(wanted), share: part }),
      );
      return weightsOf(now).every((weight, i) => weight === wanted[i]);
    }),
  );
});

test('who is not named in an overlay has no weight', async (t) => {
  const written = rule({ versions: weights(5, 3, 2) });
  t.strictSame(weightsOf(ruleInForce(written, standing({ overlay: { v2: 7 } }))), [0, 7, 0]);
});

test('a version that is called as what every object has is not named by that', async (t) => {
  const written = rule({ versions: [version('v1'), version('constructor')] });
  t.strictSame(weightsOf(ruleInForce(written, standing({ overlay: { v1: 7 } }))), [7, 0]);
});

test('an overlay that says what the document says is the very same object', async (t) => {
  const written = rule({ versions: weights(90, 10) });
  t.equal(ruleInForce(written, standing({ overlay: { v1: 90, v2: 10 } })), written);
});

test('disabled beats an overlay, and nobody is left without a version by it', async () => {
  const names = fc.uniqueArray(fc.constantFrom<string>('v1', 'v2', 'v3'));
  fc.assert(
    fc.property(someOf, someOf, names, (of, wanted, disabled) => {
      const written = rule({ versions: weights(...of) });
      const { versions } = ruleInForce(written, standing({ overlay: overlayOf(wanted), disabled }));
      const without = ruleInForce(written, standing({ disabled })).versions;
      const serves = (list: readonly VersionRule[]) =>
        list.some(({ state, weight }) => state === 'active' && weight > 0);
      const areOut = versions.every(
        ({ name, state }) => (state === 'disabled') === disabled.includes(name),
      );
      return areOut && (serves(versions) || !serves(without));
    }),
  );
});

test('where all that an overlay names is disabled, the weights are as without it', async (t) => {
  const written = rule({ versions: weights(80, 20) });
  const now = ruleInForce(written, standing({ overlay: { v2: 1 }, disabled: ['v2'] }));
  t.strictSame(weightsOf(now), [80, 20]);
});

test('an overlay holds also over an older rule', async (t) => {
  const pinned = rule({ versions: weights(3, 1), rollout });
  const now = ruleInForce(rule(), standing({ pinned, share: 1, overlay: { v1: 1, v2: 9 } }));
  t.strictSame(weightsOf(now), [1, 9]);
});
