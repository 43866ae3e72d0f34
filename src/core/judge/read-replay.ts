import type { JudgeMode } from './asked.ts';
import type { Measurement, Pair, Term, TrafficKind } from './measurement.ts';
import {
  type Replay,
  type ReplayHeader,
  type ReplayLine,
  type ReplayStep,
  type ReplayTick,
  replayFormat,
} from './replay.ts';
import { type JudgeRule, type LatencyRule, percentiles } from './rule.ts';
import {
  count,
  faultIn,
  listOf,
  object,
  oneOf,
  optional,
  row,
  type Shape,
  text,
  yesOrNo,
} from './shape.ts';

/** Why a file cannot be judged again. */
export interface ReplayProblem {
  readonly kind: 'problem';
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

export type ReadReplay = { readonly kind: 'replay'; readonly replay: Replay } | ReplayProblem;

const pair: Shape<Pair> = row<[number, number]>(count, count);
const three = row<[number, number, number]>(count, count, count);
const threePairs: Shape<readonly [Pair, Pair, Pair]> = row<[Pair, Pair, Pair]>(pair, pair, pair);

const latency = object<LatencyRule>({
  percentile: optional(oneOf(percentiles)),
  margin: count,
  minMs: count,
});

const rule = object<JudgeRule>({
  alpha: count,
  beta: count,
  minUnits: count,
  warmUpMs: count,
  slo: optional(count),
  dryRun: yesOrNo,
  errors: optional(object<{ margin: number; min: number }>({ margin: count, min: count })),
  latency: optional(latency),
  pass: object<JudgeRule['pass']>({ margin: count, negligible: count }),
});

const header = {
  turnout: oneOf([replayFormat]),
  route: text,
  release: text,
  from: text,
  to: text,
  mode: oneOf<JudgeMode>(['compare', 'slo_only', 'pairs']),
  rule,
  passMargins: listOf(count),
  differences: optional(count),
} as const;

const stepFields = { at: count, forMs: count, passMargin: optional(count) } as const;

type TermRow = [TrafficKind, number, Pair, Pair, Term['slow'], Pair];

interface CompactTick {
  readonly at: number;
  readonly terms?: readonly TermRow[] | undefined;
  readonly slices?: readonly SliceRow[] | undefined;
  readonly sightings?: readonly [Pair, Pair][] | undefined;
  readonly units?: Pair | undefined;
  readonly seen?: number | undefined;
  readonly worn?: number | undefined;
  readonly hasUnits?: boolean | undefined;
  readonly compared?: number | undefined;
  readonly differing?: number | undefined;
  readonly isWarm?: boolean | undefined;
  readonly isAgreed?: boolean | undefined;
}

type SliceRow = [0 | 1, number, number, number, number, number, number];

const tickFields = {
  at: count,
  terms: optional(
    listOf(row<TermRow>(oneOf(['unit', 'request', 'pair']), count, pair, pair, threePairs, pair)),
  ),
  slices: optional(listOf(row<SliceRow>(oneOf([0, 1]), count, count, count, count, count, count))),
  sightings: optional(listOf(row<[Pair, Pair]>(pair, pair))),
  units: optional(pair),
  seen: optional(count),
  worn: optional(count),
  hasUnits: optional(yesOrNo),
  compared: optional(count),
  differing: optional(count),
  isWarm: optional(yesOrNo),
  isAgreed: optional(yesOrNo),
} as const;

const stepLine = { step: object<ReplayStep>(stepFields) } as const;

interface TickLine extends Omit<ReplayTick, 'measurement'> {
  readonly tick: CompactTick;
}

const tickLine = {
  tick: object<CompactTick>(tickFields),
  stepAgeMs: count,
  quantilesMs: optional(threePairs),
  limitsMs: optional(three),
} as const;

/**
 * Reads a replay file. A last line without an end that is no JSON was cut, by a crash or a copy made
 * too early, and is left out; anything else that does not fit is a problem with its place.
 */
export function readReplay(content: string): ReadReplay {
  const texts = content.split('\n');
  const last = texts.at(-1) ?? '';
  const isCut = last !== '' && jsonOf(last) === undefined;
  if (last === '' || isCut) texts.pop();
  const [first, ...rest] = texts.map((one) => jsonOf(one)?.value);
  const head = readHeader(first);
  if ('kind' in head) return head;
  const lines: ReplayLine[] = [];
  for (const [at, value] of rest.entries()) {
    const line = readLine(value);
    if (typeof line === 'string') return problem(at + 2, line);
    lines.push(line);
  }
  return { kind: 'replay', replay: { header: head, lines, isCut } };
}

function jsonOf(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return undefined;
  }
}

function problem(line: number, message: string): ReplayProblem {
  const remedy = 'a replay file is not edited: take the one that Turnout has written';
  return { kind: 'problem', line, message, remedy };
}

function readHeader(value: unknown): ReplayHeader | ReplayProblem {
  const shape = object<ReplayHeader>(header);
  if (shape.is(value)) return value;
  if (!hasKey(value, 'turnout')) {
    const message = `the first line must say "turnout": "${replayFormat}"`;
    return { ...problem(1, message), remedy: 'is it a replay file, from its beginning?' };
  }
  return problem(1, faultIn(value, header) ?? '');
}

function readLine(value: unknown): ReplayLine | string {
  if (hasKey(value, 'step')) {
    const shape = object<{ readonly step: ReplayStep }>(stepLine);
    if (shape.is(value)) return { kind: 'step', step: value.step };
    return faultIn(value.step, stepFields) ?? faultIn(value, stepLine) ?? '';
  }
  if (hasKey(value, 'tick')) {
    const shape = object<TickLine>(tickLine);
    if (shape.is(value)) return { kind: 'tick', tick: tickOf(value) };
    return faultIn(value.tick, tickFields) ?? faultIn(value, tickLine) ?? '';
  }
  return 'it must be JSON with "step" or "tick"';
}

function hasKey<Key extends string>(
  value: unknown,
  key: Key,
): value is { readonly [Name in Key]: unknown } {
  return typeof value === 'object' && value !== null && key in value;
}

function tickOf({ tick, ...asked }: TickLine): ReplayTick {
  const { terms = [], slices = [], sightings = [] } = tick;
  const measurement: Measurement = {
    at: tick.at,
    terms: terms.map(([kind, revision, sizes, failures, slow, goals]) => {
      return { kind, revision, sizes, failures, slow, goals };
    }),
    slices: slices.map(([side, slice, requests, failures, ...slow]) => {
      return { side, slice, requests, failures, slow };
    }),
    sightings: sightings.map(([split, units]) => ({ split, units })),
    units: tick.units ?? [0, 0],
    seen: tick.seen ?? 0,
    worn: tick.worn ?? 0,
    hasUnits: tick.hasUnits ?? false,
    compared: tick.compared ?? 0,
    differing: tick.differing ?? 0,
    isWarm: tick.isWarm ?? true,
    isAgreed: tick.isAgreed ?? true,
  };
  return { ...asked, measurement };
}
