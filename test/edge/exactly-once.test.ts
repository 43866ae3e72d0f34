import fc from 'fast-check';
import { test } from 'tap';
import { type Judgement, newJudgement } from '#core/judge/judgement';
import type { Measurement, Pair } from '#core/judge/measurement';
import { mergeMeasurements } from '#core/judge/merge-measurements';
import { weigh } from '#core/judge/weigh';
import { Hearing } from '../../src/cluster/hearing.ts';
import { Outbox } from '../../src/cluster/outbox.ts';
import { toldIn, toldJson } from '../../src/edge/peer-json.ts';
import { entriesOf } from '../../src/rollout/entries.ts';
import type { TallyIncrement } from '../../src/rollout/increment.ts';
import { Measures } from '../../src/rollout/measures.ts';
import type { Heard } from '../../src/rollout/shared.ts';
import type { Tally } from '../../src/rollout/tally.ts';
import { UnitLogs } from '../../src/rollout/unit-logs.ts';
import { judgedRoute, of, type Sketch, tallyOf } from '../rollout/judged.ts';
import { canary, shop } from '../rollout/made-up.ts';

const release = 'shop-1';
const route = judgedRoute();
const shares: Pair = [0.9, 0.1];
const how = { isWarm: true, isAgreed: true };

/** What is written down: the sum of all ticks so far, and what it is made of. */
interface Written {
  readonly ticks: readonly Measurement[];
  readonly heard: Heard;
}

/** Three replicas, one of which leads at a time; their network loses answers. */
class Together {
  readonly #tallies: readonly Tally[] = [tallyOf(), tallyOf(), tallyOf()];
  readonly #outboxes = ['a', 'b', 'c'].map((epoch) => new Outbox<TallyIncrement>(epoch, () => 1));
  readonly #logs = [new UnitLogs(), new UnitLogs(), new UnitLogs()];
  #written: Written = { ticks: [], heard: { from: {}, log: '', unitBytes: 0 } };
  /** Of who leads, in its memory. */
  #own = this.#written;
  #leader = 0;
  #term = 0;
  #measures = new Measures();
  #hearing = this.#newHearing();

  constructor() {
    this.lead(0);
  }

  observe(replica: number, sketch: Sketch): void {
    this.#tallies[replica]?.observe(of(route, sketch));
  }

  /** The leader asks a replica; the answer may be lost on its way. */
  ask(replica: number, isLost: boolean): void {
    const [tally, outbox] = [this.#tallies[replica], this.#outboxes[replica]];
    if (tally === undefined || outbox === undefined) return;
    for (const increment of tally.take()) outbox.add(increment);
    const { after, durable } = this.#hearing.questionFor(outbox.epoch);
    const introduction = { replica: 'any', epoch: outbox.epoch, hash: '', weights: 1 };
    const batches = outbox.read(after, durable);
    const told = toldJson({ ...introduction, batches, inFlight: [], isUrgent: false });
    if (isLost) return;
    // As text, as the network has it.
    this.#hearing.take(toldIn(JSON.parse(JSON.stringify(told))));
  }

  /** The leader weighs what it has heard. */
  look(): void {
    const measurement = this.#measures.measure(release, 1_000, () => shares, how);
    const units = this.#measures.newUnits(release);
    this.#logs[this.#leader]?.add(release, units, this.#log());
    const from = { ...this.#own.heard.from, ...this.#hearing.places() };
    const unitBytes = this.#logs[this.#leader]?.lengthOf(release) ?? 0;
    this.#own = {
      ticks: [...this.#own.ticks, measurement],
      heard: { from, log: this.#log(), unitBytes },
    };
  }

  /** The leader gives the others the units, as far as they are reached, and writes. */
  write(isReached: readonly boolean[]): void {
    for (const [index, log] of this.#logs.entries()) {
      if (index !== this.#leader && isReached[index] === true) this.#spreadTo(log);
    }
    this.#written = this.#own;
  }

  /** Another one leads: of what the one before had in its memory nothing is left. */
  lead(replica: number): void {
    this.#leader = replica;
    this.#term++;
    this.#measures = new Measures();
    this.#hearing = this.#newHearing();
    const { heard } = this.#written;
    const log = this.#logs[replica];
    if (log === undefined) return;
    for (const other of this.#logs) if (!log.knows(release, heard)) copy(other, log);
    if (!log.knows(release, heard)) throw new Error('its units are lost');
    log.lead(release, this.#log(), heard);
    this.#measures.restore(release, log.bytesOf(release));
    this.#own = this.#written;
  }

  /** Everything is told, weighed and written. */
  finish(): readonly Measurement[] {
    for (const replica of [0, 1, 2]) this.ask(replica, false);
    this.look();
    this.write([]);
    return this.#written.ticks;
  }

  #log(): string {
    return `${this.#leader}/${this.#term}`;
  }

  #newHearing(): Hearing<TallyIncrement> {
    return new Hearing<TallyIncrement>({
      peers: { all: () => [], ask: () => Promise.reject(new Error('asked in a test')) },
      read: toldIn,
      heard: (increment, epoch, sequence) => {
        if ((this.#own.heard.from[epoch] ?? 0) < sequence) this.#measures.add(increment);
      },
      durable: (epoch) => this.#written.heard.from[epoch] ?? 0,
      urgent: () => {},
      troubled: () => {},
    });
  }

  #spreadTo(log: UnitLogs): void {
    const own = this.#logs[this.#leader];
    if (own !== undefined) copy(own, log);
  }
}

/** Gives a log what another one has, from where it ends. */
function copy(from: UnitLogs, to: UnitLogs): void {
  const name = from.nameOf(release);
  if (name === undefined) return;
  const length = to.take({ release, ...name, from: -1, bytes: new Uint8Array(0) });
  to.take({ release, ...name, from: length, bytes: from.bytesOf(release, length) });
}

/** What one process makes of the same exchanges. */
function alone(exchanges: readonly Sketch[]): readonly Measurement[] {
  const tally = tallyOf();
  const measures = new Measures();
  for (const sketch of exchanges) tally.observe(of(route, sketch));
  for (const increment of tally.take()) measures.add(increment);
  return [measures.measure(release, 1_000, () => shares, how)];
}

function judgementOf(ticks: readonly Measurement[]): Judgement {
  const judging = entriesOf(shop(canary)).get('shop')?.plan.judging;
  if (judging === undefined) throw new Error('it is judged');
  return weigh(newJudgement(judging.rule), mergeMeasurements(ticks));
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  unit: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'),
  version: fc.constantFrom('v1' as const, 'v2' as const),
  status: fc.constantFrom(200, 500),
  ms: fc.constantFrom(10, 150, 250, 500),
});
/** A unit stays with its version: the split sees to that. */
function ofOneVersion({ unit = '', ...rest }: Sketch): Sketch {
  return unit === '' ? { ...rest } : { ...rest, unit, version: unit < 'd' ? 'v1' : 'v2' };
}

/** Something that happens to them; exchanges are noted as well. */
type Happening = (together: Together, seen: Sketch[]) => void;

const replica = fc.nat(2);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(sketch, replica).map(
      ([some, at]): Happening =>
        (together, seen) => {
          const one = ofOneVersion(some);
          seen.push(one);
          together.observe(at, one);
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(replica, fc.boolean()).map(
      ([at, isLost]): Happening =>
        (together) =>
          together.ask(at, isLost),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Happening>((together) => together.look()) },
  {
    weight: 2,
    arbitrary: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }).map(
      (reached): Happening =>
        (together) =>
          together.write(reached),
    ),
  },
  {
    weight: 1,
    arbitrary: replica.map(
      (at): Happening =>
        (together) =>
          together.lead(at),
    ),
  },
);

test('however the traffic is shared, and whoever leads when, it is judged as by one process', async (t) => {
  fc.assert(
    fc.property(
      fc.array(happening, { minLength: 20, maxLength: 150, size: 'max' }),
      (happenings) => {
        const together = new Together();
        const seen: Sketch[] = [];
        for (const happen of happenings) happen(together, seen);
        const one = judgementOf(together.finish());
        return JSON.stringify(one) === JSON.stringify(judgementOf(alone(seen)));
      },
    ),
    { numRuns: 600 },
  );
  t.pass();
});
