import fc from 'fast-check';
import { type Test, test } from 'tap';
import { read } from '../../src/core/document/read.ts';
import type { Weights } from '../../src/core/rollout/overlay.ts';
import { Keeper } from '../../src/rollout/keeper.ts';
import { type Kept, nothingKept } from '../../src/rollout/kept.ts';
import type { RolloutPorts } from '../../src/rollout/ports.ts';
import { ReplicaLedger } from '../../src/rollout/replica-ledger.ts';
import { Rollouts } from '../../src/rollout/rollouts.ts';
import type { Shared } from '../../src/rollout/shared.ts';
import { UnitLogs } from '../../src/rollout/unit-logs.ts';
import { command } from '../core/rollout/made-up.ts';
import { unjudged } from './house.ts';
import { failed } from './judged.ts';
import { canary, shop } from './made-up.ts';
import { Moved, noCounts, viewOf } from './moved.ts';

/** A ledger that all replicas of a test write: what is there, and who is told of it. */
class Board {
  kept: Kept = nothingKept;
  number = 0;
  isBroken = false;
  /** Done before the next write: what somebody else writes in between. */
  before: (() => void) | undefined;
  readonly replicas: Replica[] = [];

  get version(): string {
    return String(this.number);
  }

  /** Steps that were left out, or taken back, within one release. */
  readonly wrongSteps: string[] = [];

  put(kept: Kept): void {
    const [before, after] = [this.kept.rollouts.shop?.state, kept.rollouts.shop?.state];
    const steps = (after?.step ?? 0) - (before?.step ?? 0);
    if (before?.release === after?.release && steps !== 0 && steps !== 1) {
      this.wrongSteps.push(`${after?.release}: ${before?.step} to ${after?.step}`);
    }
    // What is written is read from text again by the others.
    this.kept = JSON.parse(JSON.stringify(kept)) as Kept;
    this.number++;
  }

  /** All hear what is there. */
  async tell(): Promise<void> {
    for (const replica of this.replicas) await replica.hear();
  }
}

/** One of several, with everything around it made up. */
class Replica extends Moved {
  readonly keeper: Keeper;
  readonly rollouts: Rollouts;
  applied = 0;
  mayAct = false;
  readonly #board: Board;
  #latest: Shared;

  constructor(board: Board) {
    super();
    this.#board = board;
    this.#latest = { kept: board.kept, version: board.version };
    board.replicas.push(this);
    const units = new UnitLogs();
    const ledger = new ReplicaLedger({
      latest: () => this.#latest,
      write: async (kept, version, by) => this.#write(kept, version, by),
      document: async () => undefined,
      saveDocument: () => {},
      retain: () => {},
      spread: async () => {},
      units,
      log: () => 'log',
    });
    const ports: RolloutPorts = {
      now: () => this.nowMs,
      collect: async () => {
        if (!this.mayAct) return;
        for (const increment of this.tally.take()) this.measures.add(increment);
      },
      versions: async () => ['v1', 'v2'].map((version) => viewOf(version)),
      countsOf: () => noCounts,
      apply: async () => void this.applied++,
      read: async (text) => read(text),
      happened: (event) => this.events.push(event),
      troubled: (what) => this.troubles.push(what),
      together: {
        mayAct: () => this.mayAct,
        heard: (release, bytes) => ({
          from: {},
          log: 'log',
          unitBytes: units.lengthOf(release) + bytes,
        }),
        isAgreed: () => true,
        inFlightElsewhere: () => 0,
      },
    };
    this.keeper = new Keeper(ledger, ports, { revisionHistoryLimit: 10 });
    this.rollouts = new Rollouts(ledger, this.measures, ports, this.keeper);
  }

  async #write(kept: Kept, version: string, by: 'leader' | 'person') {
    const board = this.#board;
    const { before } = board;
    board.before = undefined;
    before?.();
    if (board.isBroken) throw new Error('connection refused');
    if (by === 'leader' && !this.mayAct) throw new Error('leads no more');
    if (version !== board.version) {
      this.#latest = { kept: board.kept, version: board.version };
      return undefined;
    }
    board.put(kept);
    this.#latest = { kept, version: board.version };
    return board.version;
  }

  async hear(): Promise<void> {
    this.#latest = { kept: this.#board.kept, version: this.#board.version };
    await this.rollouts.adopt();
  }

  async lead(): Promise<void> {
    this.mayAct = true;
    await this.rollouts.lead(
      () => true,
      async () => {},
    );
  }

  async follow(): Promise<void> {
    this.mayAct = false;
    await this.rollouts.unlead();
  }
}

async function two(rollout = unjudged) {
  const board = new Board();
  const [a, b] = [new Replica(board), new Replica(board)];
  for (const replica of [a, b]) {
    await replica.rollouts.start();
    await replica.take(shop(rollout));
  }
  await a.lead();
  await board.tell();
  return { board, a, b };
}

const kinds = (board: Board) => board.kept.revisions.map(({ kind }) => kind);

test('who leads writes what the document makes of the ledger, and moves it', async (t) => {
  const { board, a, b } = await two();
  t.strictSame(kinds(board), ['document', 'begin']);
  await a.lookAt(1_001);
  await board.tell();
  t.equal(a.share, 0.01);
  t.equal(b.share, 0.01, 'who follows has it in force too');
  await b.lookAt(61_001);
  t.equal(b.share, 0.01, 'and decides nothing');
  await a.lookAt(61_001);
  await board.tell();
  t.equal(b.share, 0.5);
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'step']);
  t.strictSame(
    b.events.map(({ kind }) => kind),
    ['document', 'begin', 'step', 'step'],
    'which it tells as the other does',
  );
});

test('another one goes on at the same step, and begins nothing anew', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  a.mayAct = false;
  await b.lead();
  t.strictSame(kinds(board), ['document', 'begin', 'step']);
  await b.lookAt(61_001);
  await board.tell();
  t.equal(a.share, 0.5);
});

test('who does not lead any more decides nothing, whatever it believes', async (t) => {
  const { board, a } = await two();
  await a.lookAt(1_001);
  a.mayAct = false;
  await a.lookAt(61_001);
  t.equal(a.share, 0.01);
  t.equal(board.kept.revisions.length, 3);
});

test('a step that somebody else overtakes is decided again on what is there', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  // The other one pauses it right when this one would go on.
  await b.rollouts.command(command('pause'));
  await a.lookAt(61_001);
  t.equal(a.share, 0.01, 'it has not gone on');
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'pause']);
  await a.lookAt(62_000);
  t.equal(a.share, 0.01, 'nor does it later');
});

test('a verb that somebody overtakes is obeyed again', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  board.before = () => {
    board.put({ ...board.kept, disabled: { other: ['v9'] } });
  };
  t.match(await b.rollouts.command(command('pause')), { kind: 'done' });
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'pause']);
  t.match(board.kept.rollouts.shop?.state, { phase: 'paused' });
});

test('what leads back at a follower reaches the leader, which goes on from there', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  t.match(await b.rollouts.command(command('abort')), { kind: 'done' });
  t.equal(b.share, undefined);
  await board.tell();
  t.equal(a.share, undefined);
  await a.lookAt(61_001);
  t.equal(board.kept.rollouts.shop?.state.phase, 'aborted');
});

test('what leads back and cannot be written is in force here, and written once it can be', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  board.isBroken = true;
  t.match(await b.rollouts.command(command('promote')), { kind: 'unwritable' });
  t.match(await b.rollouts.command(command('abort')), {
    kind: 'done',
    message: /in force on this replica/,
  });
  t.equal(b.share, undefined);
  board.isBroken = false;
  // The leader, which has heard nothing, goes on meanwhile.
  await a.lookAt(61_001);
  t.equal(a.share, 0.5);
  await board.tell();
  await board.tell();
  t.equal(b.share, undefined, 'what others write does not bring it back');
  t.equal(a.share, undefined, 'and they have it as soon as it is written');
  t.notOk(b.keeper.owes);
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'step', 'abort']);
});

test('a way back that others have gone meanwhile is not written again', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  board.isBroken = true;
  await b.rollouts.command(command('abort'));
  board.isBroken = false;
  await a.rollouts.command(command('abort'));
  await a.rollouts.command(command('resume'));
  await board.tell();
  t.notOk(b.keeper.owes, 'the release it was about is over');
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'abort', 'begin']);
});

test('the evidence of who leads survives what others write', async (t) => {
  const { board, a, b } = await two(canary);
  await a.lookAt(1_001);
  await board.tell();
  a.observe(...Array(30).fill({}), ...Array(2).fill({ version: 'v2', ...failed }));
  await a.lookAt(2_000);
  t.equal(a.share, 0.01, 'two failures prove nothing');
  await b.rollouts.command(command('pause'));
  await board.tell();
  await b.rollouts.command(command('resume'));
  await board.tell();
  a.observe(...Array(2).fill({ version: 'v2', ...failed }));
  await a.lookAt(3_000);
  t.equal(a.share, undefined, 'two more are four');
  await board.tell();
  t.equal(b.share, undefined);
});

test('evidence is written with what is decided, and every few seconds', async (t) => {
  const { board, a } = await two(canary);
  await a.lookAt(1_001);
  const before = board.number;
  for (let ms = 2_000; ms < 6_000; ms += 1_000) {
    a.observe({});
    await a.lookAt(ms);
  }
  t.equal(board.number, before);
  a.observe({});
  await a.lookAt(7_000);
  t.equal(board.number, before + 1);
});

test('who leads next goes on with the evidence that is written', async (t) => {
  const { board, a, b } = await two(canary);
  await a.lookAt(1_001);
  a.observe(...Array(30).fill({}), ...Array(2).fill({ version: 'v2', ...failed }));
  await a.lookAt(7_000);
  await board.tell();
  await a.follow();
  await b.lead();
  b.observe(...Array(2).fill({ version: 'v2', ...failed }));
  await b.lookAt(8_000);
  t.equal(b.share, undefined, 'two and two are four');
});

for (const { hears, kind } of [
  { hears: true, kind: 'step' },
  { hears: false, kind: 'pause' },
]) {
  test(`who begins to lead when a step is over ${hears ? 'hears the others first' : 'and hears nobody has no data'}`, async (t) => {
    const { board, a, b } = await two(
      canary.replace(/ }$/, ', onUndecided: promote, judge: { minUnits: 5 } }'),
    );
    await a.lookAt(1_001);
    await board.tell();
    await a.follow();
    b.observe(...Array(30).fill({}), ...Array(30).fill({ version: 'v2' }));
    const told = b.tally.take();
    b.nowMs = 300_000;
    b.mayAct = true;
    await b.rollouts.lead(
      () => true,
      async () => {
        if (hears) for (const increment of told) b.measures.add(increment);
      },
    );
    await b.rollouts.look();
    t.equal(board.kept.revisions.at(-1)?.kind, kind);
  });
}

test('evidence whose units are lost begins anew', async (t) => {
  const { board, a, b } = await two(canary);
  await a.lookAt(1_001);
  a.observe(
    ...Array(30).fill({}),
    { unit: 'ann', version: 'v2', ...failed },
    { unit: 'bob', version: 'v2', ...failed },
  );
  await a.lookAt(7_000);
  await board.tell();
  t.equal(board.kept.rollouts.shop?.judgement?.worn, 2);
  a.mayAct = false;
  b.mayAct = true;
  await b.rollouts.lead(
    () => false,
    async () => {},
  );
  t.equal(b.keeper.kept.rollouts.shop?.judgement, undefined);
  t.equal(b.share, 0.01, 'and the release stays where it is');
});

test('who has an older document than the ledger waits for the newer one', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await a.take(shop(unjudged.replace('1%', '2%')), 'bbb');
  await board.tell();
  t.equal(a.share, 0.02);
  a.mayAct = false;
  await b.lead();
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'document'], 'it does not go back');
  await b.lookAt(61_001);
  t.equal(board.kept.revisions.length, 4, 'nor on');
  await b.take(shop(unjudged.replace('1%', '2%')), 'bbb');
  await b.lookAt(61_002);
  t.equal(b.share, 0.5);
});

test('a follower that has the new document first leaves it to the leader', async (t: Test) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  const before = board.number;
  const versions = 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}, v3: {url: "http://c:1"}';
  const next = shop(unjudged.replace('to: v2', 'to: v3'), versions);
  await b.take(next, 'bbb');
  t.equal(board.number, before);
  t.match(await b.rollouts.command(command('disable', { version: 'v2' })), { kind: 'done' });
  t.match(board.kept.rollouts.shop, { to: 'v2' }, 'what it writes has no more in it than it said');
  await board.tell();
  t.equal(a.share, undefined);
  await a.take(next, 'bbb');
  await board.tell();
  t.match(board.kept.rollouts.shop, { to: 'v3', state: { release: 'shop-2' } });
  t.strictSame(kinds(board), ['document', 'begin', 'step', 'disable', 'document', 'begin']);
  t.match(await b.rollouts.command(command('pause')), { kind: 'done' });
});

test('a follower with another document than the ledger leads nothing on', async (t) => {
  const { board, a, b } = await two();
  await a.lookAt(1_001);
  await board.tell();
  await b.take(shop(unjudged.replace('1%', '2%')), 'bbb');
  t.match(await b.rollouts.command(command('promote')), {
    kind: 'conflict',
    message: /another document/,
  });
  t.match(await b.rollouts.command(command('abort')), { kind: 'done' }, 'but back');
  t.equal(board.kept.rollouts.shop?.state.phase, 'aborted');
});

const acts = [
  'look',
  'lead',
  'pause',
  'resume',
  'promote',
  'abort',
  'away',
  'back',
  'tell',
] as const;

/** Two replicas to whom things happen; whichever is first leads. */
class Pair {
  readonly board: Board;
  #leader: Replica;
  #other: Replica;

  constructor({ board, a, b }: Awaited<ReturnType<typeof two>>) {
    this.board = board;
    this.#leader = a;
    this.#other = b;
  }

  async act(what: (typeof acts)[number], isToLeader: boolean): Promise<void> {
    if (what === 'look') await this.#leader.rollouts.look();
    else if (what === 'tell') await this.board.tell();
    else if (what === 'lead') await this.#change();
    else if (what === 'away' || what === 'back') this.board.isBroken = what === 'away';
    else await (isToLeader ? this.#leader : this.#other).rollouts.command(command(what));
  }

  /** The other one leads from now on: the one that did finds out by itself. */
  async #change(): Promise<void> {
    this.#leader.mayAct = false;
    await this.#leader.rollouts.look();
    await this.#leader.follow();
    await this.#other.hear();
    await this.#other.lead();
    [this.#leader, this.#other] = [this.#other, this.#leader];
  }
}

test('a document that comes late begins nothing anew where it is late', async (t) => {
  const { board, a, b } = await two();
  await a.rollouts.command(command('promote', { isForced: true }));
  await board.tell();
  t.equal(b.share, 1);
  const versions = 'v1: {url: "http://a:1"}, v2: {url: "http://b:1"}, v3: {url: "http://c:1"}';
  const next = unjudged.replace('from: v1, to: v2', 'from: v2, to: v3');
  await a.take(shop(next, versions), 'bbb');
  await board.tell();
  t.match(board.kept.rollouts.shop, { from: 'v2', to: 'v3' });
  t.equal(b.share, 1, 'v2 has everything there, as it had');
});

test('whoever says what in which order, all come to the same, and no step is left out', async (t) => {
  const act = fc.tuple(fc.constantFrom(...acts), fc.boolean(), fc.integer({ min: 1, max: 90_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (list) => {
      const begun = await two();
      const { board, a, b } = begun;
      const pair = new Pair(begun);
      for (const [what, isToLeader, ms] of list) {
        for (const replica of [a, b]) replica.nowMs += ms;
        await pair.act(what, isToLeader);
      }
      board.isBroken = false;
      for (let i = 0; i < 4; i++) await board.tell();
      t.same(board.wrongSteps, []);
      return a.share === b.share && !a.keeper.owes && !b.keeper.owes;
    }),
    { numRuns: 300 },
  );
});

/** Wants weights of `shop` for a minute; without weights the end of those that there are. */
function overlay(replica: Replica, weights?: Weights) {
  return replica.rollouts.overlays.want({
    route: 'shop',
    set: weights && { weights, ttlMs: 60_000 },
    who: 'ann',
    reason: undefined,
    isExpected: () => true,
    isDryRun: false,
  });
}

const sixty = { v1: 60, v2: 40 };

test('weights for a while are set by any replica, and hold on all of them', async (t) => {
  const { board, a, b } = await two('');
  t.match(await overlay(b, sixty), { kind: 'done', scope: 'replicas' });
  t.equal(b.share, 0.4);
  await board.tell();
  t.equal(a.share, 0.4);
  t.equal(
    a.rollouts.overlays.of('shop')?.tag,
    b.rollouts.overlays.of('shop')?.tag,
    'seen alike everywhere',
  );
});

test('each ends them by its own clock, and the leader writes that down once', async (t) => {
  const { board, a, b } = await two('');
  await overlay(b, sixty);
  await board.tell();
  await b.lookAt(61_000);
  t.equal(b.share, 0, 'also where nobody can be heard');
  t.ok('shop' in board.kept.overlays, 'who follows writes nothing');
  t.equal(a.share, 0.4, 'whose clock is behind');
  await a.lookAt(61_000);
  t.equal(a.share, 0);
  t.strictSame(board.kept.overlays, {});
  await a.lookAt(62_000);
  await board.tell();
  const ends = board.kept.revisions.filter(({ kind }) => kind === 'overlay_end');
  t.match(ends, [{ who: 'turnout', reason: 'its time is over' }]);
  t.equal(ends.length, 1);
});

test('an end that cannot be written is in force here, and written when it can be', async (t) => {
  const { board, a, b } = await two('');
  await overlay(a, sixty);
  await board.tell();
  board.isBroken = true;
  t.match(await overlay(b), { kind: 'done' });
  t.equal(b.share, 0);
  board.isBroken = false;
  await board.tell();
  t.strictSame(board.kept.overlays, {});
  await board.tell();
  t.equal(a.share, 0);
});

test('an end does not take away what somebody else has set since', async (t) => {
  const { board, a, b } = await two('');
  await overlay(a, sixty);
  await board.tell();
  board.isBroken = true;
  await overlay(b);
  board.isBroken = false;
  a.nowMs = 2_000;
  await overlay(a, { v1: 1, v2: 3 });
  await board.tell();
  await board.tell();
  t.equal(a.share, 0.75);
  t.equal(b.share, 0.75);
});

test('who is overtaken sets them on what the other has written', async (t) => {
  const { board, a, b } = await two('');
  board.before = () => board.put({ ...board.kept, disabled: { shop: ['v1'] } });
  t.match(await overlay(b, sixty), { kind: 'unfit', message: '"v1" of "shop" is disabled' });
  board.before = () => board.put({ ...board.kept, disabled: {} });
  t.match(await overlay(a, sixty), { kind: 'done' });
});
