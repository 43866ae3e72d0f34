import type { Pair } from '#core/judge/measurement';
import type { JudgeRule } from '#core/judge/rule';
import { minuteOf, type OtherRule, others } from './others.ts';
import { type Random, seeded } from './random.ts';
import { watch } from './release.ts';
import { type RequestTraffic, requestTick } from './requests.ts';
import { plain } from './rows.ts';

/** An hour of traffic, as the rules of others and ours see it. */
export interface Scenario {
  readonly name: string;
  readonly failing: Pair;
  /** Five points more fail of both for five minutes, from the third on: in all of the releases. */
  readonly hasIncident?: boolean;
}

export const scenarios: readonly Scenario[] = [
  { name: 'equal, 0.5 %', failing: [0.005, 0.005] },
  { name: 'equal, 1 %', failing: [0.01, 0.01] },
  { name: 'equal, 1.5 %', failing: [0.015, 0.015] },
  { name: 'equal, 0.5 % and an incident', failing: [0.005, 0.005], hasIncident: true },
  { name: '1 → 3 %', failing: [0.01, 0.03] },
  { name: '0.1 → 0.5 %', failing: [0.001, 0.005] },
];

export interface Compared {
  readonly rule: string;
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  readonly scenario: string;
  /** Of the releases. */
  readonly rolledBack: number;
  /** Seconds, within which 95 % of those were. */
  readonly within: number;
}

const rps = 100;

function failingAt({ failing, hasIncident = false }: Scenario, seconds: number): Pair {
  const more = hasIncident && seconds >= 120 && seconds < 420 ? 0.05 : 0;
  return [failing[0] + more, failing[1] + more];
}

/** Returns after how many seconds it rolled back; undefined: it did not. */
type Play = (random: Random, scenario: Scenario) => number | undefined;

function playOurs(rule: JudgeRule): Play {
  return (random, scenario) => {
    const measure = (tick: number) => {
      const failing = failingAt(scenario, tick * 10);
      return requestTick(random, { perTick: rps * 10, share: 0.1, failing });
    };
    const happened = watch({ rule, ticks: 360, measure, until: 'fail' });
    return happened === undefined ? undefined : happened.tick * 10;
  };
}

function playOther({ begin }: OtherRule): Play {
  return (random, scenario) => {
    const watching = begin();
    for (let minute = 0; minute < 60; minute += 1) {
      const traffic: RequestTraffic = {
        perTick: rps * 60,
        share: watching.share(),
        failing: failingAt(scenario, minute * 60),
      };
      const said = watching.look(minuteOf([requestTick(random, traffic)]));
      if (said === 'rollback') return (minute + 1) * 60;
      if (said === 'promote') return undefined;
    }
    return undefined;
  };
}

const plays: readonly { readonly name: string; readonly play: Play }[] = [
  { name: 'e-process, margin 1, alpha 5 %', play: playOurs(plain) },
  {
    name: 'e-process, margin 1.25, alpha 5 %',
    play: playOurs({ ...plain, errors: { margin: 1.25, min: 0 } }),
  },
  ...others.map((rule) => ({ name: rule.name, play: playOther(rule) })),
];

/** All rules before the same traffic: the same seeds for each. */
export function compare(runs: number): readonly Compared[] {
  return plays.map(({ name, play }) => ({
    rule: name,
    outcomes: scenarios.map((scenario, place) => {
      const ends = Array.from({ length: runs }, (_, run) =>
        play(seeded(place * 1_000_003 + run), scenario),
      );
      const rolledBack = ends.filter((end) => end !== undefined).sort((a, b) => a - b);
      return {
        scenario: scenario.name,
        rolledBack: rolledBack.length / runs,
        within: rolledBack[Math.ceil(0.95 * rolledBack.length) - 1] ?? 0,
      };
    }),
  }));
}
