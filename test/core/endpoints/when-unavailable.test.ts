import { test } from 'tap';
import { whenUnavailable } from '#core/endpoints/when-unavailable';
import type { Version } from '#core/routing/route';

// Only who it is counts here.
const [v1, v2] = [{ name: 'v1' } as Version, { name: 'v2' } as Version];
const hold = { kind: 'hold', holdMs: 10_000 } as const;

test('a fallback serves, once: when it cannot be reached either, the request fails', async (t) => {
  const route = { fallback: v1, onUnavailable: { kind: 'fallback', version: 'v1' } } as const;
  t.same(whenUnavailable(route, v2, 0, true), { kind: 'fallback', version: v1 });
  t.same(whenUnavailable(route, v1, 0, true), { kind: 'fail', code: undefined });
});

for (const { onUnavailable, heldMs, mayHold, does } of [
  {
    onUnavailable: { kind: 'fail' },
    heldMs: 0,
    mayHold: true,
    does: { kind: 'fail', code: undefined },
  },
  { onUnavailable: hold, heldMs: 0, mayHold: true, does: { kind: 'hold' } },
  { onUnavailable: hold, heldMs: 9_999, mayHold: true, does: { kind: 'hold' } },
  {
    onUnavailable: hold,
    heldMs: 10_000,
    mayHold: true,
    does: { kind: 'fail', code: 'hold_timeout' },
  },
  { onUnavailable: hold, heldMs: 0, mayHold: false, does: { kind: 'fail', code: 'overflow' } },
] as const) {
  const place = mayHold ? 'with room' : 'without room';
  test(`${onUnavailable.kind}, waited ${heldMs} ms, ${place} to wait: ${JSON.stringify(does)}`, async (t) => {
    t.same(whenUnavailable({ fallback: undefined, onUnavailable }, v1, heldMs, mayHold), does);
  });
}
