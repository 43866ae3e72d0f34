import { bisect } from './bisect.ts';
import { halfWidthOneSided, usualHorizon } from './confidence-sequence.ts';
import { harmGains, passGains, passLogE, since } from './curve.ts';
import type { Harm } from './harm.ts';
import { negligibleLogE, negligibleParts } from './negligible.ts';
import { passes, rareOf, usesSlices } from './passing.ts';
import { ratioOfSide } from './slice-ratios.ts';
import { leastSlices, slicePass } from './slices.ts';
import type { Needed } from './verdict.ts';
import type { Part, View } from './view.ts';

/** Returns how much more it takes as things have gone in this step; undefined: nobody can tell. */
export function neededOf(view: View, harm: Harm): Needed | undefined {
  const { asked, requests } = view;
  const here = requests.all[1];
  if (here === 0) return undefined;
  const fail = untilFail(view, harm);
  const pass = untilPass(view);
  const isPass = (pass ?? Number.POSITIVE_INFINITY) <= (fail ?? Number.POSITIVE_INFINITY);
  const more = isPass ? pass : fail;
  if (more === undefined) return undefined;
  const ms = asked.stepAgeMs > 0 ? (more * asked.stepAgeMs) / here : undefined;
  if (!isPass) return { verdict: 'fail', requests: Math.ceil(more), ms };
  const left = Math.max(0, asked.forMs - asked.stepAgeMs);
  const atLeast = ms === undefined ? undefined : Math.max(ms, left);
  return { verdict: 'pass', requests: Math.ceil(more), ms: atLeast };
}

/** By the fastest of all the ratios that are held against the margins. */
function untilFail({ metrics, requests, rule }: View, { logE }: Harm): number | undefined {
  const gained = metrics.flat().flatMap(({ began, curve, ratios, metric, margin }) => {
    return harmGains(since(began, curve), ratios, metric, margin);
  });
  const most = Math.max(...gained);
  return untilEnough(-Math.log(rule.alpha) - logE, most / requests.all[1]);
}

/** The slowest part decides, and of each its faster way. */
function untilPass(view: View): number | undefined {
  const all = view.metrics.flat().map((part) => {
    if (passes(part, view)) return 0;
    const ways = [
      usesSlices(view) ? bySlices(part, view) : byRequests(part, view),
      byRarity(part, view),
    ];
    return Math.min(...ways.map((way) => way ?? Number.POSITIVE_INFINITY));
  });
  const longest = Math.max(0, ...all);
  return Number.isFinite(longest) ? longest : undefined;
}

function byRequests({ began, curve, ratios }: Part, view: View): number | undefined {
  const step = since(began, curve);
  const most = Math.max(...passGains(step, ratios, view.passMargin));
  const missing = -Math.log(view.rule.beta) - passLogE(step, ratios, view.passMargin);
  return untilEnough(missing, most / view.requests.all[1]);
}

function byRarity(part: Part, view: View): number | undefined {
  const rare = rareOf(part, view);
  if (rare === undefined || rare.seen === 0 || rare.events >= rare.seen) return undefined;
  const { events, seen, limit } = rare;
  const rate = events / seen;
  const drifts = negligibleParts.map((part) => {
    const events = rate === 0 ? 0 : rate * Math.log(part);
    return events + (1 - rate) * (Math.log1p(-part * limit) - Math.log1p(-limit));
  });
  const missing = -Math.log(view.rule.beta) - negligibleLogE(events, seen, limit);
  const units = untilEnough(missing, Math.max(...drifts));
  return units === undefined ? undefined : (units * view.requests.all[1]) / seen;
}

/** So many times as many requests as there are, at the same rates, make the bound tight enough. */
function bySlices({ percentile }: Part, view: View): number | undefined {
  const { rule, passMargin: margin, requests } = view;
  const { slices, units } = view.judgement.step;
  const stable = ratioOfSide(slices, 0, percentile);
  const candidate = ratioOfSide(slices, 1, percentile);
  const seen = units[0] + units[1];
  const { difference } = slicePass({ stable, candidate, margin, beta: rule.beta, units: seen });
  if (!(difference < 0) || candidate.withEvents < 2 || seen === 0) return undefined;
  const error = Math.sqrt(candidate.variance + margin ** 2 * stable.variance);
  const over = (logTimes: number) => {
    const times = Math.exp(logTimes);
    const standardError = error / Math.sqrt(times);
    const sequence = {
      standardError,
      units: seen * times,
      horizon: usualHorizon,
      alpha: rule.beta,
    };
    return difference + halfWidthOneSided(sequence);
  };
  const most = Math.log(1_000);
  if (over(most) >= 0) return undefined;
  const times = over(0) < 0 ? 1 : Math.exp(bisect(over, 0, most));
  const filled = leastSlices / candidate.withEvents;
  return Math.max(0, Math.max(times, filled) - 1) * requests.all[1];
}

function untilEnough(missing: number, perUnit: number): number | undefined {
  return perUnit > 0 ? Math.max(0, missing / perUnit) : undefined;
}
