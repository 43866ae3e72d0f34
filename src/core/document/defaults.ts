import type {
  Comparison,
  EjectionRule,
  MirrorRule,
  Retries,
  Timeouts,
  VersionLimits,
} from '#core/routing/rules';

/** What holds where neither a route nor `defaults` says anything. */
export const defaultTimeouts: Timeouts = {
  connectMs: 2_000,
  firstByteMs: 30_000,
  idleMs: 300_000,
  totalMs: 0,
  attemptMs: 0,
};

export const defaultRetries: Retries = { attempts: 1, statuses: [], budgetPercent: 20 };

export const defaultEjection: EjectionRule = { failures: 5, forMs: 30_000, maxPercent: 10 };

export const defaultLimits: VersionLimits = {
  connections: 1_024,
  inFlight: 1_024,
  waiting: 1_024,
  waitMs: 1_000,
  bodyBytes: 0,
};

export const defaultComparison: Comparison = {
  status: true,
  latency: true,
  body: 'off',
  ignore: [],
  bodyBytes: 64 * 1_024,
};

export const defaultMirror: Omit<MirrorRule, 'to'> = {
  percent: 100,
  methods: ['GET', 'HEAD', 'OPTIONS'],
  inFlight: 100,
  bodyBytes: 64 * 1_024,
  compare: defaultComparison,
};
