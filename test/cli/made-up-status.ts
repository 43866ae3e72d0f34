import type { Verdict } from '#core/judge/verdict';
import type { Leaving, RolloutStatus, RouteStatus, VersionStatus } from '#core/rollout/status';

/** 2026-08-01 03:12:07.412 UTC. */
export const at = Date.UTC(2026, 7, 1, 3, 12, 7, 412);
export const minute = 60_000;

export function versionStatus(version: string, rest: Partial<VersionStatus> = {}): VersionStatus {
  return {
    version,
    state: 'active',
    share: 0.9,
    requests: 81_200,
    failures: 235,
    inFlight: 12,
    readyEndpoints: 3,
    endpoints: 3,
    leaving: undefined,
    ...rest,
  };
}

// Not of the type: what it has beside what is needed here does not matter.
const undecided = {
  kind: 'undecided' as const,
  reason: 'margin ×1.25 is neither reached nor ruled out',
  alpha: 0.01,
  isHarmLikely: false,
  logE: Math.log(12.3),
  metrics: [
    {
      name: 'errors' as const,
      percentile: undefined,
      rates: [0.0029, 0.0037] as const,
      logE: Math.log(3.1),
      ratioAtLeast: undefined,
      passes: false,
    },
    {
      name: 'latency' as const,
      percentile: 95 as const,
      rates: [0.05, 0.087] as const,
      logE: Math.log(21.5),
      ratioAtLeast: 1.1,
      passes: true,
    },
  ],
  sampleRatioP: 1,
  units: [800, 90] as const,
  requests: [81_200, 9_100] as const,
  failures: [235, 34] as const,
  needed: { verdict: 'pass' as const, requests: 2_100, ms: 4 * minute },
  trouble: undefined,
};

export function verdict(rest: Partial<Verdict> = {}): Verdict {
  return { ...undecided, ...rest };
}

export function rolloutStatus(rest: Partial<RolloutStatus> = {}): RolloutStatus {
  return {
    strategy: 'canary',
    from: 'v1',
    to: 'v2',
    routes: ['shop'],
    release: 'shop-3',
    phase: 'progressing',
    pausedBy: undefined,
    step: 2,
    steps: 4,
    stepText: '10 % for 10 min',
    reason: 'step 1 passed',
    beganAt: at - 11 * minute,
    stepBeganAt: at - 6 * minute,
    stepEndsAt: at + 4 * minute,
    endedAt: undefined,
    share: 0.1,
    seenShare: 0.102,
    verdict: verdict(),
    limitsMs: [96.4, 120, 268],
    facts: [],
    restartsAtFirstStep: false,
    next: ['turnout promote shop', 'turnout abort shop'],
    requests: [81_200, 9_100],
    ...rest,
  };
}

export function leaving(rest: Partial<Leaving> = {}): Leaving {
  return {
    decidedAt: at - 5,
    inForceAt: at,
    lastSentAt: at - 20,
    lastEndedAt: at + 489,
    inFlight: 0,
    sentSince: 0,
    ...rest,
  };
}

export function routeStatus(rest: Partial<RouteStatus> = {}): RouteStatus {
  return {
    route: 'shop',
    versions: [
      versionStatus('v1'),
      versionStatus('v2', {
        share: 0.1,
        requests: 9_100,
        failures: 34,
        inFlight: 1,
        readyEndpoints: 1,
        endpoints: 1,
      }),
    ],
    rollout: rolloutStatus(),
    overlay: undefined,
    differs: undefined,
    ...rest,
  };
}
