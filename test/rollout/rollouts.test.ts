import { type Test, test } from 'tap';
import { readReplay } from '../../src/core/judge/read-replay.ts';
import { rejudge } from '../../src/core/judge/rejudge.ts';
import { command } from '../core/rollout/made-up.ts';
import { houseWith, Remembering, Unwritable, unjudged } from './house.ts';
import { failed } from './judged.ts';
import { canary, shop } from './made-up.ts';

test('steps follow one another, and each is put in force', async (t) => {
  const house = await houseWith();
  t.equal(house.share, 0, 'nothing before it is ready');
  await house.lookAt(1_001);
  t.equal(house.share, 0.01);
  await house.lookAt(61_000);
  t.equal(house.share, 0.01, 'the step lasts a minute');
  await house.lookAt(61_001);
  t.equal(house.share, 0.5);
  await house.lookAt(121_001);
  t.equal(house.share, 1);
  t.strictSame(house.kinds(), ['document', 'begin', 'step', 'step', 'promote']);
  t.equal(house.applied.length, 3);
  t.match(house.rollouts.history(), [{ revision: 5, kind: 'promote', who: 'turnout' }]);
  t.notOk(house.rollouts.isBusy);
});

test('a version that fails is sent back, and its record gives the same verdict again', async (t) => {
  const house = await houseWith(canary);
  await house.lookAt(1_001);
  house.observe(...Array(30).fill({}), { version: 'v2', ...failed });
  await house.lookAt(2_000);
  t.equal(house.share, 0.01, 'one failure proves nothing');
  house.observe(...Array(3).fill({ version: 'v2', ...failed }));
  await house.lookAt(2_050);
  t.equal(house.share, undefined);
  const [{ kind, reason } = {}] = house.rollouts.history();
  t.equal(kind, 'rollback');
  const read = readReplay((await house.rollouts.replay('shop')) ?? '');
  if (read.kind !== 'replay') throw new Error(read.message);
  t.equal(rejudge(read.replay).verdict?.reason, reason);
  house.observe(...Array(3).fill({ version: 'v2', ...failed }));
  await house.lookAt(3_000);
  t.equal(house.kinds().at(-1), 'rollback', 'and nothing more comes of it');
});

test('what counts as slow is fixed by the first 500 requests, and put in force', async (t) => {
  const house = await houseWith(canary);
  await house.lookAt(1_001);
  const limits = () => house.keeper.inForce().routes[0]?.judging?.limitsMs;
  house.observe(...Array(499).fill({ ms: 20 }));
  await house.lookAt(2_000);
  t.equal(limits(), undefined);
  house.observe({ ms: 20 });
  await house.lookAt(3_000);
  const fixed = limits();
  t.match(fixed?.length, 3);
  t.ok((fixed?.[0] ?? 0) > 19 && (fixed?.[2] ?? 99) < 21, 'as slow as they were');
  t.strictSame(house.applied.at(-1)?.routes[0]?.judging?.limitsMs, fixed);
  house.observe(...Array(600).fill({ ms: 900 }));
  await house.lookAt(4_000);
  t.strictSame(limits(), fixed, 'whatever comes later');
});

test('a version that is not ready gets nothing', async (t) => {
  const house = await houseWith();
  house.ready = 0;
  await house.lookAt(9e9);
  t.equal(house.share, 0);
});

test('an abort takes it back, and its proof is told', async (t) => {
  const house = await houseWith();
  await house.lookAt(1_001);
  house.counts.set('v2', { sent: 7, lastSentAt: 1_900, lastEndedAt: 1_950 });
  house.nowMs = 2_000;
  const outcome = await house.rollouts.command(command('abort', { reason: 'it is slow' }));
  t.match(outcome, { kind: 'done', message: 'aborted by ann: it is slow' });
  t.equal(house.share, undefined, 'nothing reaches it');
  const [status] = await house.rollouts.statuses('shop');
  t.match(status?.rollout, { phase: 'aborted', next: ['turnout resume shop'] });
  const leaving = status?.versions.find(({ version }) => version === 'v2')?.leaving;
  t.match(leaving, { decidedAt: 2_000, lastSentAt: 1_900, lastEndedAt: 1_950, sentSince: 0 });
  house.counts.set('v2', { sent: 8 });
  const [later] = await house.rollouts.statuses('shop');
  t.match(later?.versions[1]?.leaving, { sentSince: 1 }, 'and would tell if it were none');
});

test('an undo of a complete release is a swap', async (t) => {
  const house = await houseWith();
  await house.rollouts.command(command('promote', { isForced: true }));
  t.equal(house.share, 1);
  t.match(await house.rollouts.command(command('undo')), { kind: 'done' });
  t.equal(house.share, undefined);
  const [status] = await house.rollouts.statuses('shop');
  t.match(status?.versions, [
    { version: 'v1', share: 1 },
    { version: 'v2', state: 'disabled' },
  ]);
});

test('an undo to a revision holds until the document changes, and says so', async (t) => {
  const house = await houseWith('');
  const other = shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1", weight: 3}');
  await house.take(other, 'bbb');
  t.equal(house.share, 0.75);
  t.match(await house.rollouts.command(command('undo')), { kind: 'done' });
  t.equal(house.share, 0);
  const [status] = await house.rollouts.statuses('shop');
  t.match(status?.differs, 'it stands as at revision 1, until its document changes');
  await house.take(other, 'bbb');
  t.equal(house.share, 0, 'the same document does not lift it');
  await house.take(shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}'), 'ccc');
  t.equal(house.share, 0.5, 'another one does');
  t.equal((await house.rollouts.statuses('shop'))[0]?.differs, undefined);
});

test('what an undo holds is told with the share that it has', async (t) => {
  const house = await houseWith();
  await house.lookAt(1_001);
  await house.rollouts.command(command('promote', { isForced: true }));
  await house.rollouts.command(command('undo', { toRevision: 3 }));
  t.equal(house.share, 0.01);
  const [status] = await house.rollouts.statuses('shop');
  t.match(status?.rollout, { share: 0.01 });
});

test('a disabled version stays so until somebody enables it', async (t) => {
  const house = await houseWith();
  await house.lookAt(1_001);
  t.match(await house.rollouts.command(command('disable', { version: 'v2' })), { kind: 'done' });
  t.equal(house.share, undefined);
  await house.take(shop(unjudged.replace('1%', '2%')), 'bbb');
  t.equal(house.share, undefined, 'also with another document');
  t.match(await house.rollouts.command(command('disable', { version: 'v2' })), {
    kind: 'conflict',
    message: 'v2 of shop is disabled already',
  });
  t.match(await house.rollouts.command(command('enable', { version: 'v2' })), { kind: 'done' });
  t.equal(house.share, 0.02, 'and is where the document has the step now');
});

test('what was sent back is not enabled, but begun again', async (t) => {
  const house = await houseWith();
  await house.lookAt(1_001);
  await house.rollouts.command(command('abort'));
  t.match(await house.rollouts.command(command('enable', { version: 'v2' })), {
    kind: 'conflict',
    message: 'v2 of shop was sent back, not disabled by hand: turnout resume shop',
  });
  t.match(await house.rollouts.command(command('resume')), { kind: 'done' });
  t.equal(house.share, 0);
});

test('a version may be disabled while an undo holds the route', async (t) => {
  const house = await houseWith('');
  await house.take(shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}'), 'bbb');
  await house.take(shop('', 'v1: {url: "http://a:1"}, v2: {url: "http://b:1", weight: 9}'), 'ccc');
  await house.rollouts.command(command('undo', { toRevision: 2 }));
  t.equal(house.share, 0.5);
  await house.rollouts.command(command('disable', { version: 'v2' }));
  t.equal(house.share, undefined);
});

test('what does not fit is refused, and changes nothing', async (t) => {
  const house = await houseWith('');
  for (const [verb, more, kind] of [
    ['pause', { route: 'shpo' }, 'not_found'],
    ['pause', {}, 'conflict'],
    ['disable', { version: 'v9' }, 'not_found'],
    ['undo', {}, 'conflict'],
    ['undo', { toRevision: 77 }, 'not_found'],
  ] as const) {
    const outcome = await house.rollouts.command(command(verb, more));
    t.equal(outcome.kind, kind, `${verb} ${JSON.stringify(more)}`);
  }
  t.equal(house.applied.length, 0);
  t.strictSame(house.kinds(), ['document']);
});

test('what cannot be written down is not done, unless it leads back', async (t) => {
  const ledger = new Unwritable();
  const house = await houseWith(unjudged, ledger);
  await house.lookAt(1_001);
  ledger.isBroken = true;
  t.match(await house.rollouts.command(command('promote')), { kind: 'unwritable' });
  t.equal(house.share, 0.01);
  await house.lookAt(61_001);
  t.equal(house.share, 0.01, 'nor by itself');
  t.match(await house.rollouts.command(command('abort')), { kind: 'done' });
  t.equal(house.share, undefined);
  t.ok(house.troubles.includes('writing the ledger'));
});

test('a restart goes on where it was', async (t: Test) => {
  const ledger = new Remembering();
  const first = await houseWith(unjudged, ledger);
  await first.lookAt(1_001);
  const second = await houseWith(unjudged, ledger);
  t.equal(second.share, 0.01);
  t.strictSame(second.kinds(), [], 'and has nothing to tell');
  await second.lookAt(61_001);
  t.equal(second.share, 0.5);
});

test('only the last revisions are kept', async (t) => {
  const house = await houseWith('');
  for (let n = 0; n < 12; n++) {
    const versions = `v1: {url: "http://a:1", weight: ${n + 1}}, v2: {url: "http://b:1"}`;
    await house.take(shop('', versions), `hash${n}`);
  }
  const numbers = house.rollouts.history().map(({ revision }) => revision);
  t.strictSame(numbers, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  t.equal(house.rollouts.revision(3), undefined);
});
