import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import type { Measurement } from '#core/judge/measurement';
import { readReplay } from '#core/judge/read-replay';
import { rejudge } from '#core/judge/rejudge';
import { type Replay, replayHeader, replayStep, replayTick } from '#core/judge/replay';
import { defaultJudge } from '#core/judge/rule';
import { exampleFile, exampleReplay } from '../../../bench/judge/example-replay.ts';
import { measured, termOf } from './measured.ts';

const header = {
  route: 'shop',
  release: 'shop-3',
  from: 'v1',
  to: 'v2',
  mode: 'compare',
  rule: { ...defaultJudge, slo: 0.02 },
  passMargins: [3],
  differences: undefined,
} as const;
const step = { at: 1_000, forMs: 60_000, passMargin: 3 };

function fileOf(measurements: readonly Measurement[]): string {
  const ticks = measurements.map((measurement, i) =>
    replayTick({ measurement, stepAgeMs: (i + 1) * 5_000 }),
  );
  return [replayHeader(header), replayStep(step), ...ticks].join('');
}

function readWell(content: string): Replay {
  const read = readReplay(content);
  if (read.kind === 'problem') throw new Error(`line ${read.line}: ${read.message}`);
  return read.replay;
}

const pair = fc.tuple(fc.nat(), fc.nat());
const measurement: fc.Arbitrary<Measurement> = fc.record({
  at: fc.nat(),
  terms: fc.array(
    fc.record({
      kind: fc.constantFrom('unit', 'request', 'pair'),
      revision: fc.nat(),
      sizes: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat()),
      failures: pair,
      slow: fc.tuple(pair, pair, pair),
      goals: pair,
    }),
  ),
  slices: fc.array(
    fc.record({
      side: fc.constantFrom(0, 1),
      slice: fc.nat(99),
      requests: fc.nat(),
      failures: fc.nat(),
      slow: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
    }),
  ),
  sightings: fc.array(fc.record({ split: pair, units: pair })),
  units: pair,
  seen: fc.nat(),
  worn: fc.nat(),
  hasUnits: fc.boolean(),
  compared: fc.nat(),
  differing: fc.nat(),
  isWarm: fc.boolean(),
  isAgreed: fc.boolean(),
});

test('what is written is read: any measurement', async (t) => {
  t.match(readWell(fileOf([])).header, header);
  fc.assert(
    fc.property(measurement, (one) => {
      const [, line] = readWell(fileOf([one])).lines;
      const got = line?.kind === 'tick' ? line.tick.measurement : undefined;
      return JSON.stringify(got) === JSON.stringify({ ...got, ...one });
    }),
  );
});

test('a last line that is cut is left out, at whatever place', async (t) => {
  const content = fileOf([measured(), measured({ units: [9, 1] })]);
  const lastBegin = content.lastIndexOf('{"tick"');
  for (let end = lastBegin + 1; end < content.length - 1; end += 1) {
    const { isCut, lines } = readWell(content.slice(0, end));
    t.same({ isCut, lines: lines.length }, { isCut: true, lines: 2 });
  }
  t.equal(readWell(content).isCut, false);
  t.equal(readWell(content.trimEnd()).isCut, false, 'whole, without its end');
});

const good = replayTick({ measurement: measured(), stepAgeMs: 1 });
for (const { content, line, message } of [
  { content: '', line: 1, message: 'the first line must say "turnout": "replay/1"' },
  { content: 'apiVersion: turnout/v1\nroutes: []\n', line: 1, message: /^the first line must say/ },
  {
    content: replayHeader(header).replace('replay/1', 'replay/2'),
    line: 1,
    message: '"turnout" must be one of replay/1, got "replay/2"',
  },
  {
    content: replayHeader(header).replace('"beta":0.05', '"beta":"5%"'),
    line: 1,
    message: /^"rule" must be an object of alpha, beta, .*, got /,
  },
  {
    content: replayHeader(header).replace('"route"', '"rout"'),
    line: 1,
    message: 'unknown key "rout"',
  },
  {
    content: `${replayHeader(header)}nonsense\n${good}`,
    line: 2,
    message: 'it must be JSON with "step" or "tick"',
  },
  {
    content: `${replayHeader(header)}${good}{"step":[]}\n`,
    line: 3,
    message: 'it must be an object, got []',
  },
  {
    content: `${replayHeader(header)}${good}{"step":{"at":-1,"forMs":2}}\n`,
    line: 3,
    message: '"at" must be a number from 0, got -1',
  },
  {
    content: `${replayHeader(header)}${good}{"tick":{"at":1,"units":[1]},"stepAgeMs":1}\n`,
    line: 3,
    message: '"units" must be [a number from 0, a number from 0], got [1]',
  },
  {
    content: `${replayHeader(header)}{"tick":{"at":1,"terms":[["people"]]},"stepAgeMs":1}\n`,
    line: 2,
    message: /^"terms" must be a list of \[one of unit, request, pair, /,
  },
  {
    content: `${replayHeader(header)}{"tick":{"at":1}}\n`,
    line: 2,
    message: '"stepAgeMs" must be a number from 0, got nothing',
  },
]) {
  test(`refuses at line ${line}: ${message}`, async (t) => {
    t.match(readReplay(content), { kind: 'problem', line, message, remedy: /\w/ });
  });
}

test('any text is a replay or a problem', async () => {
  fc.assert(fc.property(fc.string(), (content) => readReplay(content).kind !== undefined));
});

test('the first FAIL stands, whatever comes behind it', async (t) => {
  const bad = measured({ at: 7, terms: [termOf({ failures: [9, 30] })], units: [900, 100] });
  const good = measured({ at: 8, terms: [termOf({ failures: [900, 0] })], units: [900, 100] });
  const found = rejudge(readWell(fileOf([bad, good, good])));
  t.match(found, { verdict: { kind: 'fail' }, at: 7, step: 1, tick: 1, ticks: 3 });
  t.match(rejudge(readWell(fileOf([good, good]))), { tick: 2, ticks: 2 });
});

test('steps begin anew', async (t) => {
  const tick = measured({ terms: [termOf()], units: [900, 100] });
  const content = `${fileOf([tick])}${replayStep(step)}${replayTick({ measurement: tick, stepAgeMs: 1 })}`;
  const { verdict, step: last } = rejudge(readWell(content));
  t.equal(last, 2);
  t.same(verdict?.units, [900, 100]);
});

test('nothing measured is no verdict', async (t) => {
  t.match(rejudge(readWell(fileOf([]))), { verdict: undefined, tick: 0, ticks: 0 });
});

test('the example is what `node bench/judge/example-replay.ts` writes', async (t) => {
  t.equal(readFileSync(exampleFile, 'utf8'), exampleReplay());
});
