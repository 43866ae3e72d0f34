import type { VersionView } from '#core/endpoints/version-view';
import type { Verdict } from '#core/judge/verdict';
import type { Overlay } from '#core/rollout/overlay';
import type { Step } from '#core/rollout/plan';
import { isOver } from '#core/rollout/state';
import type { Leaving, RolloutStatus, RouteStatus, VersionStatus } from '#core/rollout/status';
import type { RouteRule, VersionRule } from '#core/routing/rules';
import type { CountsOf } from './departures.ts';
import type { Entry } from './entries.ts';
import { factsOf } from './facts.ts';
import type { Gap } from './gaps.ts';
import type { Kept, KeptRollout, Pin } from './kept.ts';
import { endpointsOf } from './readiness.ts';

export interface StatusParts {
  readonly kept: Kept;
  /** What an undo holds the route at; undefined: none does. */
  readonly pin: Pin | undefined;
  /** What is in force of it; undefined: nothing. */
  readonly overlay: Overlay | undefined;
  readonly rollout: KeptRollout | undefined;
  readonly entry: Entry | undefined;
  readonly verdict: Verdict | undefined;
  readonly views: readonly VersionView[];
  readonly countsOf: CountsOf;
  /** Undefined where there was none. */
  readonly gap: Gap | undefined;
  /** What a restart would forget; undefined: nothing. */
  readonly warning: string | undefined;
  readonly now: number;
}

/** Returns how a route stands. `rule` is the one that is in force. */
export function statusOf(rule: RouteRule, parts: StatusParts): RouteStatus {
  const { kept, rollout, entry } = parts;
  const names = new Set(rule.versions.map(({ name }) => name));
  // A version that the document no longer has may still have to prove that it gets nothing.
  const gone = kept.departures.filter(
    ({ route, version }) => route === rule.name && !names.has(version),
  );
  return {
    route: rule.name,
    versions: [
      ...rule.versions.map((version) => versionStatus(rule, version, parts)),
      ...gone.map(({ version }) => goneStatus(rule.name, version, parts)),
    ],
    rollout: rollout && entry && rolloutStatus(rollout, entry, parts),
    overlay: parts.overlay,
    differs: differsOf(rule.name, kept),
  };
}

function versionStatus(
  rule: RouteRule,
  { name, state, weight }: VersionRule,
  parts: StatusParts,
): VersionStatus {
  const drawn = rule.versions.filter((version) => version.state === 'active');
  const total = drawn.reduce((sum, version) => sum + version.weight, 0);
  const share = state === 'active' && total > 0 ? weight / total : 0;
  return { ...goneStatus(rule.name, name, parts), state, share };
}

function goneStatus(route: string, version: string, parts: StatusParts): VersionStatus {
  const { requests, failures, inFlight } = parts.countsOf(route, version);
  const view = parts.views.find((one) => one.route === route && one.version === version);
  const { all, ready } = endpointsOf(view);
  return {
    version,
    state: 'disabled',
    share: 0,
    requests,
    failures,
    inFlight,
    readyEndpoints: ready,
    endpoints: all,
    leaving: leavingOf(route, version, parts),
  };
}

function leavingOf(route: string, version: string, parts: StatusParts): Leaving | undefined {
  const departure = parts.kept.departures.find(
    (one) => one.route === route && one.version === version,
  );
  if (departure === undefined) return undefined;
  const { decidedAt, inForceAt, sentBefore } = departure;
  const { sent, inFlight, lastSentAt, lastEndedAt } = parts.countsOf(route, version);
  const last = lastSentAt ?? departure.lastSentAt;
  const ended = lastEndedAt ?? departure.lastEndedAt;
  return {
    decidedAt,
    inForceAt,
    lastSentAt: last,
    lastEndedAt: inFlight > 0 ? undefined : ended,
    inFlight,
    sentSince: Math.max(0, sent - sentBefore),
  };
}

function differsOf(route: string, { pins, disabled }: Kept): string | undefined {
  const pin = pins[route];
  if (pin !== undefined) {
    return `it stands as at revision ${pin.revision}, until its document changes`;
  }
  const names = disabled[route] ?? [];
  if (names.length === 0) return undefined;
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} disabled by hand`;
}

function rolloutStatus(
  rollout: KeptRollout,
  { plan, routes }: Entry,
  parts: StatusParts,
): RolloutStatus {
  const { state, limitsMs } = rollout;
  const step = plan.steps[state.step];
  const { verdict } = parts;
  const seen = verdict?.requests;
  return {
    strategy: plan.strategy,
    from: plan.from,
    to: plan.to,
    routes,
    release: state.release,
    phase: state.phase,
    pausedBy: state.pausedBy,
    step: state.step + 1,
    steps: plan.steps.length,
    stepText: step?.text ?? `the first step waits for ${plan.to}`,
    reason: state.reason,
    beganAt: state.beganAt,
    stepBeganAt: state.stepBeganAt,
    stepEndsAt: endsAt(step, rollout),
    endedAt: state.endedAt,
    share: parts.pin?.share ?? state.share,
    seenShare: seen === undefined || parts.pin !== undefined ? undefined : shareOf(seen),
    verdict: isOver(state) ? verdict : parts.verdict,
    limitsMs,
    facts: factsOf(rollout, plan, parts),
    restartsAtFirstStep: parts.warning !== undefined,
    next: nextVerbs(rollout, routes[0] ?? ''),
    requests: seen ?? [0, 0],
  };
}

function shareOf([stable, candidate]: readonly [number, number]): number | undefined {
  const both = stable + candidate;
  return both === 0 ? undefined : candidate / both;
}

function endsAt(step: Step | undefined, { state }: KeptRollout): number | undefined {
  if (step === undefined || state.phase !== 'progressing') return undefined;
  return 'forMs' in step.end ? state.stepBeganAt + step.end.forMs : undefined;
}

/** Returns the commands that fit how a rollout stands. */
export function nextVerbs(
  { state, strategy, to, from }: KeptRollout,
  route: string,
): readonly string[] {
  const of = (verb: string) => `turnout ${verb} ${route}`;
  if (state.phase === 'complete') return [of('undo')];
  if (isOver(state)) return [of('resume')];
  if (strategy === 'blue-green') {
    const other = state.share === 0 ? to : from;
    return [`${of('switch')} ${other}`, of('abort')];
  }
  return state.phase === 'paused'
    ? [of('resume'), of('promote'), of('abort')]
    : [of('promote'), of('abort')];
}
