import { ratioAtLeast } from './curve.ts';
import type { Harm } from './harm.ts';
import { percentiles } from './rule.ts';
import type { Needed } from './verdict.ts';
import type { Part, View } from './view.ts';
import { about, durationText, percent, plainPercent, ratioText, whole } from './words.ts';

const requestNames = {
  compare: 'canary requests',
  slo_only: 'requests',
  pairs: 'compared requests',
} as const;

export function requestsName({ asked }: View): string {
  return requestNames[asked.mode];
}

/** `after 94 s and 931 canary requests` */
export function sinceText(view: View): string {
  const { asked, requests } = view;
  return `after ${durationText(asked.stepAgeMs)} and ${whole(requests.all[1])} ${requestsName(view)}`;
}

export function nameOf({ asked }: View): string {
  return asked.candidate ?? 'the new version';
}

/** `failures 3.1 % against 1.0 % (ratio 3.1, at least 1.25)` */
export function partText(part: Part, view: View): string {
  const [stable, candidate] = part.rates;
  const least = ratioAtLeast(part.curve, part.ratios, part.metric, view.rule.alpha);
  const notes = [
    // Of pairs those count in which only one has failed: another ratio than that of the shares.
    stable > 0 && view.asked.mode !== 'pairs' ? `ratio ${ratioText(candidate / stable)}` : '',
    least === undefined ? '' : `at least ${least}`,
  ].filter((note) => note !== '');
  return `${sharesText(part, view)}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

/** `failures 3.1 % against 1.0 %`, `8.7 % slower than 268 ms against 5.0 %` */
export function sharesText({ percentile, rates }: Part, { asked }: View): string {
  const [stable, candidate] = rates.map(percent);
  if (percentile === undefined) return `failures ${candidate} against ${stable}`;
  const limit = asked.limitsMs?.[percentiles.indexOf(percentile)];
  const than = limit === undefined ? `T${percentile}` : `${Number(limit.toPrecision(3))} ms`;
  return `${candidate} slower than ${than} against ${stable}`;
}

export function failText(view: View, { by }: Harm): string {
  const told = by.slice(0, 2).map((part) => partText(part, view));
  return `FAIL ${sinceText(view)}: ${told.join('; ')}${earlierText(view, by)}. ${riskText(view)}`;
}

/** Evidence is carried from step to step; the shares that are told are those of this step. */
function earlierText({ judgement }: View, by: readonly Part[]): string {
  const isEarlier = judgement.steps > 1 && by.some(({ began }) => began.some((log) => log > 1));
  return isEarlier ? ', with what the steps before have shown' : '';
}

export function riskText({ rule }: View): string {
  return `This rule is wrong in at most ${plainPercent(rule.alpha)} of releases.`;
}

/** All that is judged, in a list. */
export function standText(view: View): string {
  const parts = view.metrics.map((metric) => {
    const [first, ...more] = metric;
    return more.reduce((worst, part) => {
      return worst === undefined || part.logE > worst.logE ? part : worst;
    }, first);
  });
  const told = parts.flatMap((part) => (part === undefined ? [] : [sharesText(part, view)]));
  return told.length === 0 ? 'nothing is compared' : told.join('; ');
}

/** `about 2,100 more canary requests, 4 min, until it passes` */
export function neededText(view: View, needed: Needed | undefined): string {
  if (needed === undefined) return 'nobody can tell how much more it takes';
  const time = needed.ms === undefined ? '' : `, ${durationText(needed.ms)}`;
  const end = needed.verdict === 'pass' ? 'until it passes' : 'until it fails';
  if (needed.requests === 0) return `${durationText(needed.ms ?? 0)} more ${end}`;
  return `about ${about(needed.requests)} more ${requestsName(view)}${time}, ${end}`;
}
