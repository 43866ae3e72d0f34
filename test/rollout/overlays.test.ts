import { test } from 'tap';
import type { OverlayOutcome, OverlayWish, Weights } from '../../src/core/rollout/overlay.ts';
import { FileLedger } from '../../src/rollout/ledger.ts';
import { command } from '../core/rollout/made-up.ts';
import { type House, houseWith, Remembering, Unwritable, unjudged } from './house.ts';
import { documentOf, shop } from './made-up.ts';

const minute = 60_000;

/** Wants weights for a minute, unless a test says otherwise. */
function wish(weights: Weights | undefined, more: Partial<OverlayWish> = {}): OverlayWish {
  return {
    route: 'shop',
    set: weights && { weights, ttlMs: minute },
    who: 'ann',
    reason: undefined,
    isExpected: () => true,
    isDryRun: false,
    ...more,
  };
}

function set(house: House, weights: Weights = { v1: 60, v2: 40 }, more: Partial<OverlayWish> = {}) {
  return house.rollouts.overlays.want(wish(weights, more));
}

function end(house: House, more: Partial<OverlayWish> = {}) {
  return house.rollouts.overlays.want(wish(undefined, more));
}

function done(outcome: OverlayOutcome) {
  if (outcome.kind === 'done') return outcome;
  throw new Error(outcome.message);
}

test('weights hold until their time is over, and not a look longer', async (t) => {
  const house = await houseWith('');
  t.notOk(house.rollouts.isBusy);
  const outcome = done(await set(house, undefined, { reason: 'load test' }));
  t.match(outcome, {
    revision: 2,
    message: 'v1 60, v2 40 for 1 min by ann: load test',
    scope: 'process',
    status: { overlay: { beganAt: 1_000, endsAt: 61_000, who: 'ann', reason: 'load test' } },
  });
  t.match(outcome.changes, [
    'route shop: version v1: weight 1 → 60 (100 % → 60.0 %)',
    'route shop: version v2: weight 0 → 40 (0 % → 40.0 %)',
    /^route shop: users who change version: (39|40|41)\.\d % v1 → v2, 0 % back/,
  ]);
  t.equal(house.share, 0.4);
  t.ok(house.rollouts.isBusy, 'somebody has to look for its end');
  await house.lookAt(60_999);
  t.equal(house.share, 0.4);
  await house.lookAt(61_000);
  t.equal(house.share, 0);
  t.equal(house.applied.length, 2);
  t.strictSame(house.kinds(), ['document', 'overlay', 'overlay_end']);
  t.match(house.rollouts.history()[0], {
    who: 'turnout',
    reason: 'v1 60, v2 40 for a while: its time is over',
    changes: [
      'route shop: version v1: weight 60 → 1 (60.0 % → 100 %)',
      'route shop: version v2: weight 40 → 0 (40.0 % → 0 %)',
      /users who change version: .* v2 → v1, 0 % back/,
    ],
  });
  t.notOk(house.rollouts.isBusy);
});

test('a person may end it, and there is nothing to end twice', async (t) => {
  const house = await houseWith('');
  t.match(await end(house), { kind: 'none', message: 'route "shop" has no overlay' });
  await set(house);
  t.match(await end(house, { reason: 'seen enough' }), {
    kind: 'done',
    revision: 3,
    message: 'v1 60, v2 40 for a while: ended by ann: seen enough',
    status: { overlay: undefined },
  });
  t.equal(house.share, 0);
  t.match(await end(house), { kind: 'none' });
});

test('whose time is over is over, also before anybody has looked', async (t) => {
  const house = await houseWith('');
  await set(house);
  house.nowMs = 61_000;
  t.match(await end(house), { kind: 'none' });
  t.strictSame(house.rollouts.overlays.all(), []);
  t.match((await house.rollouts.statuses('shop'))[0], { overlay: undefined });
});

test('another one takes its place, with a time of its own', async (t) => {
  const house = await houseWith('');
  await set(house);
  house.nowMs = 31_000;
  await set(house, { v1: 1, v2: 3 });
  await house.lookAt(61_000);
  t.equal(house.share, 0.75);
  await house.lookAt(91_000);
  t.equal(house.share, 0);
});

test('a dry run tells what would be, and changes nothing', async (t) => {
  const house = await houseWith('');
  const outcome = done(await set(house, undefined, { isDryRun: true }));
  t.match(outcome, { revision: undefined, changes: [/v1: weight/, /v2: weight/, /users/] });
  t.match(outcome.status.overlay, { endsAt: 61_000 });
  t.equal(house.share, 0);
  t.strictSame(house.kinds(), ['document']);
  await set(house);
  t.match(await end(house, { isDryRun: true }), { kind: 'done', revision: undefined });
  t.equal(house.share, 0.4);
});

function tagOf(house: House): string {
  return house.rollouts.overlays.of('shop')?.tag ?? '';
}

test('the tag is another one whenever something is', async (t) => {
  const house = await houseWith('');
  const tags = new Set<string>();
  const note = () => tags.add(tagOf(house));
  note();
  await set(house);
  note();
  await set(house);
  note();
  await end(house);
  t.equal(tagOf(house), 'aaa-0', 'as before');
  await house.take(shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}'), 'bbb');
  note();
  t.equal(tags.size, 4);
  const stale = await set(house, undefined, { isExpected: (tag) => tag === 'aaa-0' });
  t.match(stale, { kind: 'changed', message: 'are not what you have seen' });
  t.equal(house.share, 0.5);
});

for (const { that, weights, message } of [
  {
    that: 'a version that there is none',
    weights: { v1: 1, v3: 1 },
    message: 'route "shop" has no version "v3": v1, v2',
  },
  {
    that: 'nothing for anybody',
    weights: { v1: 0, v2: 0 },
    message: 'all weights are 0: somebody has to serve "shop"; give one of v1, v2 a weight',
  },
  {
    that: 'a version that is forgotten',
    weights: { v2: 10 },
    message: 'version "v1" of "shop" has a weight now: say which it should have, 0 for none',
  },
]) {
  test(`refused: ${that}`, async (t) => {
    const house = await houseWith('');
    t.strictSame(await set(house, weights), { kind: 'unfit', message });
    t.equal(house.applied.length, 0);
  });
}

test('refused: a route that there is none', async (t) => {
  const house = await houseWith('');
  t.match(await set(house, { v1: 1 }, { route: 'shpo' }), {
    kind: 'not_found',
    message: 'there is no route "shpo"',
  });
});

test('refused: a version that takes nobody new', async (t) => {
  const house = await houseWith('');
  await house.rollouts.command(command('disable', { version: 'v2' }));
  const outcome = await set(house);
  t.match(outcome, { kind: 'unfit', message: 'version "v2" of "shop" is disabled' });
  t.match(outcome, { message: 'turnout enable shop v2' });
  t.match(await set(house, { v1: 5, v2: 0 }), { kind: 'done' }, 'but none may be said');
  const drained = 'v1: {url: "http://a:1"}, v2: {url: "http://b:1", state: drain}';
  await house.take(shop('', drained), 'bbb');
  await house.rollouts.command(command('enable', { version: 'v2' }));
  t.match(await set(house), { kind: 'unfit', message: 'is in drain' });
});

test('a version that is disabled later gets nothing of its weight', async (t) => {
  const house = await houseWith('');
  await set(house, { v1: 0, v2: 1 });
  await house.rollouts.command(command('disable', { version: 'v2' }));
  t.equal(house.share, undefined);
  const [status] = await house.rollouts.statuses('shop');
  t.match(status?.versions, [{ share: 1 }, { share: 0 }], 'and v1 serves, as without the overlay');
});

test('while a rollout is under way the weights are its own', async (t) => {
  const house = await houseWith();
  await house.lookAt(1_001);
  t.strictSame(await set(house), {
    kind: 'under_way',
    message:
      'the canary of "shop" from v1 to v2 is under way, and its weights are the rollout\'s: ' +
      'turnout pause shop | turnout promote shop | turnout abort shop',
  });
  await house.rollouts.command(command('pause'));
  const paused = 'turnout resume shop | turnout promote shop | turnout abort shop';
  t.match(await set(house), { kind: 'under_way', message: paused });
  t.equal(house.share, 0.01);
});

test('after a rollout there may be one, until a verb gives the weights back to it', async (t) => {
  const house = await houseWith();
  await house.rollouts.command(command('promote', { isForced: true }));
  await set(house, { v1: 1, v2: 3 });
  t.equal(house.share, 0.75);
  await house.rollouts.command(command('undo'));
  t.equal(house.share, 1, 'an undo takes the overlay back first, and nothing else');
  await house.rollouts.command(command('undo'));
  t.equal(house.share, undefined);
  const sent = 'version "v2" of "shop" is disabled';
  t.match(await set(house), { kind: 'unfit', message: sent }, 'what was sent back stays away');
  await set(house, { v1: 7, v2: 0 });
  await house.rollouts.command(command('resume'));
  t.strictSame(house.rollouts.overlays.all(), [], 'a release that begins has the weights');
  t.match(house.rollouts.history()[0]?.changes, [
    'shop: the weights that it had for a while are over',
  ]);
});

test('an undo to a revision ends it too, and never brings one back', async (t) => {
  const house = await houseWith('');
  await house.take(shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}'), 'bbb');
  await set(house, { v1: 1, v2: 3 });
  await house.rollouts.command(command('undo', { toRevision: 1 }));
  t.equal(house.share, 0);
  await house.rollouts.command(command('undo', { toRevision: 3 }));
  t.equal(house.share, 0.5, 'as the document was at the overlay');
  await set(house, { v1: 1, v2: 3 });
  t.equal(house.share, 0.75, 'over what an undo holds there may be one');
  await house.lookAt(61_000);
  t.equal(house.share, 0.5);
});

const two = (weight: number, other = 1) =>
  documentOf(`
apiVersion: turnout/v1
routes:
  - name: shop
    match: { path: /shop }
    versions: { v1: {url: "http://a:1"}, v2: {url: "http://b:1", weight: ${weight}} }
  - name: blog
    match: { path: /blog }
    versions: { v1: {url: "http://a:1", weight: ${other}} }
`);

test('a document that changes the route ends it, and no other document does', async (t) => {
  const house = await houseWith('');
  await house.take(two(0), 'bbb');
  await set(house);
  await house.take(two(0, 5), 'ccc');
  t.equal(house.share, 0.4, 'an edit of another route does not');
  await house.take(two(1, 5), 'ddd');
  t.equal(house.share, 0.5);
  t.match(house.events.at(-1), {
    kind: 'overlay_end',
    route: 'shop',
    who: 'the document',
    reason: 'the document has changed the route',
  });
  await set(house);
  await house.take(
    documentOf(
      '{apiVersion: turnout/v1, routes: [{name: blog, versions: {v1: {url: "http://a:1"}}}]}',
    ),
    'eee',
  );
  t.match(house.events.at(-1), { reason: 'the document has the route no longer' });
  t.strictSame(house.rollouts.overlays.all(), []);
});

test('a restart goes on with it, and with its end', async (t) => {
  const ledger = new Remembering();
  await set(await houseWith('', ledger));
  const second = await houseWith('', ledger);
  t.equal(second.share, 0.4);
  await second.lookAt(61_000);
  t.equal(second.share, 0);
  t.strictSame(second.kinds(), ['overlay_end']);
});

test('what was over before a restart is never in force again', async (t) => {
  const ledger = new Remembering();
  await set(await houseWith('', ledger));
  const later = await houseWith('', ledger, 61_000);
  t.equal(later.share, 0);
  t.match(later.events, [{ kind: 'overlay_end', who: 'turnout', reason: 'its time is over' }]);
  t.strictSame(ledger.kept?.overlays, {}, 'and is written down as over');
});

test('a replica that only follows ends it by its own clock, and writes nothing', async (t) => {
  const ledger = new Remembering();
  const house = await houseWith('', ledger);
  await set(house);
  house.counts.set('v2', { sent: 7 });
  const { kept } = ledger;
  house.nowMs = 60_999;
  await house.rollouts.overlays.lapse();
  t.equal(house.share, 0.4);
  house.nowMs = 61_000;
  await house.rollouts.overlays.lapse();
  t.equal(house.share, 0);
  t.equal(house.applied.length, 2);
  await house.rollouts.overlays.lapse();
  t.equal(house.applied.length, 2, 'once');
  t.equal(ledger.kept, kept);
  t.match((await house.rollouts.statuses('shop'))[0]?.versions[1]?.leaving, { sentSince: 0 });
});

test('who gets nothing for a while is told as leaving, and not any more when it is back', async (t) => {
  const house = await houseWith('');
  await set(house, { v1: 0, v2: 1 });
  const leaving = async () => (await house.rollouts.statuses('shop'))[0]?.versions[0]?.leaving;
  t.match(await leaving(), { decidedAt: 1_000 });
  await house.lookAt(61_000);
  t.equal(await leaving(), undefined);
});

test('what cannot be written down is not set; what ends does so all the same', async (t) => {
  const ledger = new Unwritable();
  const house = await houseWith('', ledger);
  await set(house);
  ledger.isBroken = true;
  t.match(await set(house, { v1: 1, v2: 3 }), { kind: 'unwritable' });
  t.equal(house.share, 0.4);
  await house.lookAt(61_000);
  t.equal(house.share, 0);
});

test('a ledger of an older version has none', async (t) => {
  const folder = t.testdir({ 'ledger.json': '{"format":1,"revisions":[]}' });
  t.strictSame(new FileLedger(folder).load().overlays, {});
});

test('a route may be called as what every object has', async (t) => {
  const house = await houseWith('');
  const route = 'constructor';
  await house.take(
    documentOf(
      `{apiVersion: turnout/v1, routes: [{name: ${route}, versions: {v1: {url: "http://a:1"}}}]}`,
    ),
    'bbb',
  );
  t.strictSame(house.rollouts.overlays.of(route)?.overlay, undefined);
  t.match(await end(house, { route }), { kind: 'none' });
  t.match(await set(house, { v1: 3 }, { route }), { kind: 'done' });
  t.match(await end(house, { route }), { kind: 'done' });
});

test('with a rollout that goes on elsewhere its look is not in the way', async (t) => {
  const house = await houseWith(unjudged);
  await house.rollouts.command(command('abort'));
  await set(house, { v1: 9, v2: 0 });
  await house.lookAt(61_000);
  t.strictSame(house.troubles, []);
  t.strictSame(house.kinds().slice(-2), ['overlay', 'overlay_end']);
});
