import { test } from 'tap';
import { isGone, reassign } from '#core/routing/reassign';
import type { VersionState } from '#core/routing/rules';
import { routeOf, version } from './made-up.ts';

/** A route of v1, v2 and v3: weight, or weight and state. */
function route(
  ...written: readonly (number | readonly [number, VersionState])[]
): ReturnType<typeof routeOf> {
  return routeOf({
    onUnavailable: { kind: 'fallback', version: 'v3' },
    versions: written.map((one, at) => {
      const [weight, state] = typeof one === 'number' ? [one, 'active' as const] : one;
      return version(`v${at + 1}`, { weight, state });
    }),
  });
}

const before = route(1, 1, 0);
const [v1] = before.versions;

for (const { now, reason = 'split', goes, because } of [
  { now: route(1, 1, 0), goes: 'v1', because: 'nothing has changed' },
  { now: route(1, 99, 0), goes: 'v1', because: 'it still has people' },
  { now: route(0, 1, 0), goes: 'v2', because: 'its people were given to another one' },
  { now: route(0, 1, 0), reason: 'override', goes: 'v1', because: 'somebody wished for it' },
  { now: route([1, 'drain'], 1, 0), goes: 'v2', because: 'it takes nobody new' },
  { now: route([1, 'drain'], 1, 0), reason: 'sticky', goes: 'v1', because: 'its people finish' },
  { now: route([1, 'disabled'], 1, 0), reason: 'sticky', goes: 'v2', because: 'it is disabled' },
  { now: route([1, 'disabled'], 0, 0), goes: 'v3', because: 'nobody has any people' },
  {
    now: route([1, 'disabled'], 0, [0, 'drain']),
    goes: undefined,
    because: 'nobody takes anybody',
  },
] as const) {
  test(`who waits for v1 by ${reason} goes to ${goes ?? 'nobody'}: ${because}`, async (t) => {
    t.equal(reassign(now, { version: v1, reason, unit: '' }, () => 0)?.name, goes);
    t.equal(reassign(now, { version: v1, reason, unit: 'alice' }, () => 0)?.name, goes);
  });
}

test('a unit goes where the split sends it, whoever asks', async (t) => {
  const now = route([0, 'disabled'], 1, 1);
  const goes = (unit: string, chance: number) =>
    reassign(now, { version: v1, reason: 'split', unit }, () => chance)?.name;
  t.equal(goes('alice', 0), goes('alice', 0.99));
  t.not(goes('', 0), goes('', 0.99), 'without a unit chance says');
});

test('a version that is not there any more is gone, as one that is disabled', async (t) => {
  if (v1 === undefined) throw new Error('no version');
  t.equal(isGone(route(0, 1, 0), v1), false);
  t.equal(isGone(route([1, 'disabled'], 1, 0), v1), true);
  t.equal(isGone(routeOf({ versions: [version('v9')] }), v1), true);
});
