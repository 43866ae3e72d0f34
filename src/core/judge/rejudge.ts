import { beginStep, type Judgement, newJudgement } from './judgement.ts';
import type { Replay, ReplayStep, ReplayTick } from './replay.ts';
import type { JudgeRule } from './rule.ts';
import type { Verdict } from './verdict.ts';
import { verdictOf } from './verdict-of.ts';
import { weigh } from './weigh.ts';

export interface Rejudged {
  /** Undefined: there was no tick. */
  readonly verdict: Verdict | undefined;
  /** Of the tick with that verdict, in milliseconds since 1970; steps and ticks from 1. */
  readonly at: number | undefined;
  readonly step: number;
  readonly tick: number;
  /** In the file. */
  readonly ticks: number;
}

/**
 * Judges again what was recorded, tick by tick. The first FAIL stands, as it did when it was acted
 * on; else what was known at the end. With another rule it is another judge who saw the same.
 */
export function rejudge({ header, lines }: Replay, rule: JudgeRule = header.rule): Rejudged {
  const { passMargins, mode, differences, to } = header;
  const ticks = lines.filter(({ kind }) => kind === 'tick').length;
  let judgement = newJudgement(rule, { passMargins });
  let step: ReplayStep | undefined;
  let found: Rejudged = { verdict: undefined, at: undefined, step: 0, tick: 0, ticks };
  for (const line of lines) {
    if (line.kind === 'step') {
      if (step !== undefined) judgement = beginStep(judgement);
      step = line.step;
      continue;
    }
    judgement = weigh(judgement, line.tick.measurement);
    const asked = { mode, differences, candidate: to, ...askedOf(step, line.tick) };
    found = foundAt(judgement, verdictOf(judgement, rule, asked), line.tick, ticks);
    if (found.verdict?.kind === 'fail') break;
  }
  return found;
}

function askedOf(step: ReplayStep | undefined, { measurement: _, ...tick }: ReplayTick) {
  return { ...tick, forMs: step?.forMs ?? 0, passMargin: step?.passMargin };
}

function foundAt(
  { steps, ticks: tick }: Judgement,
  verdict: Verdict,
  { measurement }: ReplayTick,
  ticks: number,
): Rejudged {
  return { verdict, at: measurement.at, step: steps, tick, ticks };
}
