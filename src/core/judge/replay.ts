import type { Asked, JudgeMode } from './asked.ts';
import type { Measurement } from './measurement.ts';
import type { JudgeRule } from './rule.ts';

/**
 * What the judge was given, tick by tick, to be judged again years later: JSON lines. The first
 * says whose release it is and by which rule; then each step that begins, and each tick.
 */
export const replayFormat = 'replay/1';

export interface ReplayHeader {
  readonly turnout: typeof replayFormat;
  readonly route: string;
  readonly release: string;
  readonly from: string;
  readonly to: string;
  readonly mode: JudgeMode;
  readonly rule: JudgeRule;
  /** As the judgement was begun with. */
  readonly passMargins: readonly number[];
  /** Pairs: the share of answers that may differ. */
  readonly differences: number | undefined;
}

/** A step begins; the first one, too. */
export interface ReplayStep {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly forMs: number;
  readonly passMargin: number | undefined;
}

/** What a tick brought, and what the judge was asked with it. */
export interface ReplayTick extends Pick<Asked, 'stepAgeMs' | 'quantilesMs' | 'limitsMs'> {
  readonly measurement: Measurement;
}

export type ReplayLine =
  | { readonly kind: 'step'; readonly step: ReplayStep }
  | { readonly kind: 'tick'; readonly tick: ReplayTick };

export interface Replay {
  readonly header: ReplayHeader;
  readonly lines: readonly ReplayLine[];
  /** The last line had been cut, as by a process that was killed, and is left out. */
  readonly isCut: boolean;
}

/** Returns the first line of a file. */
export function replayHeader(header: Omit<ReplayHeader, 'turnout'>): string {
  return lineOf({ turnout: replayFormat, ...header });
}

export function replayStep(step: ReplayStep): string {
  return lineOf({ step });
}

/** Returns a tick as a line: what is empty or as usual is left out, lists stand for objects. */
export function replayTick({ measurement, ...asked }: ReplayTick): string {
  return lineOf({ tick: compact(measurement), ...asked });
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function compact(measurement: Measurement): object {
  const { at, units, seen, worn, hasUnits, compared, differing } = measurement;
  const { terms, slices, sightings, isWarm, isAgreed } = measurement;
  return {
    at,
    terms: unlessEmpty(
      terms.map(({ kind, revision, sizes, failures, slow, goals }) => {
        return [kind, revision, sizes, failures, slow, goals];
      }),
    ),
    slices: unlessEmpty(
      slices.map(({ side, slice, requests, failures, slow }) => {
        return [side, slice, requests, failures, ...slow];
      }),
    ),
    sightings: unlessEmpty(sightings.map(({ split, units }) => [split, units])),
    units: units[0] + units[1] === 0 ? undefined : units,
    seen: seen || undefined,
    worn: worn || undefined,
    hasUnits: hasUnits || undefined,
    compared: compared || undefined,
    differing: differing || undefined,
    isWarm: isWarm ? undefined : false,
    isAgreed: isAgreed ? undefined : false,
  };
}

function unlessEmpty<Value>(list: readonly Value[]): readonly Value[] | undefined {
  return list.length === 0 ? undefined : list;
}
