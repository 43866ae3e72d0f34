import { passLogE, since } from './curve.ts';
import { negligibleLogE } from './negligible.ts';
import { percentiles } from './rule.ts';
import { ratioOfSide } from './slice-ratios.ts';
import { slicePass } from './slices.ts';
import type { Part, View } from './view.ts';

/** Tells whether the requests of this step show that the candidate is good enough in a part. */
export function passes(part: Part, view: View): boolean {
  return isComparedWell(part, view) || isNegligible(part, view);
}

/** Slices take the place of requests where there are units: the requests of one fail together. */
export function usesSlices({ asked, judgement: { step } }: View): boolean {
  return asked.mode === 'compare' && step.hasUnits;
}

function isComparedWell(part: Part, view: View): boolean {
  const { judgement, rule, passMargin } = view;
  if (!usesSlices(view)) {
    const logE = passLogE(since(part.began, part.curve), part.ratios, passMargin);
    return logE >= -Math.log(rule.beta);
  }
  const { slices, units } = judgement.step;
  const pass = slicePass({
    stable: ratioOfSide(slices, 0, part.percentile),
    candidate: ratioOfSide(slices, 1, part.percentile),
    margin: passMargin,
    beta: rule.beta,
    units: units[0] + units[1],
  });
  return pass.passes;
}

/** What a version can have too little of to be compared. */
export interface Rare {
  readonly events: number;
  readonly seen: number;
  readonly limit: number;
}

/**
 * Returns what to hold against a limit where nothing can be compared. Failures: of units, each of
 * which may count several times, against the document's limit. Slow ones: against the share that
 * the stable version had when the limits were taken from it; not before there is one. Of pairs
 * those only that the copy alone has.
 */
export function rareOf(part: Part, view: View): Rare | undefined {
  const { pairs, firstFailures } = view.judgement.step;
  const isPairs = view.asked.mode === 'pairs';
  const [, seen] = view.units;
  if (part.percentile === undefined) {
    const events = isPairs ? pairs.failures[1] : Math.max(part.counts[1], firstFailures);
    return { events, seen, limit: view.rule.pass.negligible };
  }
  if (part.counts[0] === 0) return undefined;
  const ofPairs = pairs.slow[percentiles.indexOf(part.percentile)]?.[1] ?? 0;
  return {
    events: isPairs ? ofPairs : part.counts[1],
    // Requests of one unit are slow together, and so it is the units that are counted as seen.
    seen: Math.min(seen, part.among[1]),
    limit: 1 - part.percentile / 100,
  };
}

function isNegligible(part: Part, view: View): boolean {
  const rare = rareOf(part, view);
  if (rare === undefined || rare.events >= rare.seen) return false;
  return negligibleLogE(rare.events, rare.seen, rare.limit) >= -Math.log(view.rule.beta);
}
