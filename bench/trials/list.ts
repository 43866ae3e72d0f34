/** Every trial, in the order in which they are run; `NAME.trial.ts` is its script. */
export const trials = [
  'reload-under-load',
  'a-volume-swapped-a-thousand-times',
  'sigterm-under-load',
  'killed-endpoint',
  'killed-worker',
  'stale-keep-alive',
  'fault-grid',
  'aborts',
  'byte-identity',
  'half-open',
  'slow-readers',
  'slow-version',
  'retry-storm',
  'overload',
  'bad-canary',
  'abort',
  'killed-rollout',
  'replicas-killed',
] as const;

export type TrialName = (typeof trials)[number];
