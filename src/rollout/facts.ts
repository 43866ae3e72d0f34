import { goalOf } from '#core/judge/goal';
import type { Plan } from '#core/rollout/plan';
import { spanText } from '#core/rollout/span-text';
import type { KeptRollout } from './kept.ts';
import type { StatusParts } from './status-of.ts';

type Facts = readonly (readonly [name: string, value: string])[];

/** Returns what a strategy shows beside its step. */
export function factsOf(rollout: KeptRollout, plan: Plan, parts: StatusParts): Facts {
  const { state } = rollout;
  const took = (state.endedAt ?? parts.now) - state.beganAt;
  const facts: (readonly [string, string])[] = [['elapsed', spanText(took)]];
  if (plan.strategy === 'recreate' && state.step > 0) {
    facts.push(['gap', spanText((state.endedAt ?? parts.now) - state.stepBeganAt)]);
    if (parts.gap !== undefined) {
      facts.push(['held at once, at most', String(parts.gap.held)]);
      facts.push(['lost', String(parts.gap.lost)]);
    }
  }
  if (plan.strategy === 'blue-green' && state.share === 1)
    facts.push(...sinceSwitch(rollout, parts));
  const end = plan.steps[state.step]?.end;
  if (end?.kind === 'goal' && rollout.judgement !== undefined) {
    facts.push(['goal', goalOf(rollout.judgement, end.alpha).reason]);
  }
  if (plan.strategy === 'ramped' && state.endedAt === undefined) facts.push(...left(state, plan));
  return facts;
}

/** From the switch to the last request that the old version was sent. */
function sinceSwitch({ routes, from }: KeptRollout, { kept, countsOf }: StatusParts): Facts {
  return routes.flatMap((route) => {
    const departure = kept.departures.find((one) => one.route === route && one.version === from);
    const lastSentAt = countsOf(route, from).lastSentAt ?? departure?.lastSentAt;
    if (departure === undefined || lastSentAt === undefined) return [];
    const ms = Math.max(0, lastSentAt - departure.decidedAt);
    return [[`switch to last request on ${from} (${route})`, spanText(ms)] as const];
  });
}

function left(state: KeptRollout['state'], plan: Plan): Facts {
  let ms = 0;
  for (const { end } of plan.steps.slice(state.step)) if ('forMs' in end) ms += end.forMs;
  return ms === 0 ? [] : [['left, at least', spanText(ms)]];
}
