import { test } from 'tap';
import type { Revision } from '#core/rollout/status';
import { changeKey, changeLine } from '../../src/cli/change-line.ts';
import { historyText, revisionText } from '../../src/cli/history-text.ts';
import { leavingText } from '../../src/cli/leaving-text.ts';
import { statusText } from '../../src/cli/status-text.ts';
import { evidenceText } from '../../src/cli/verdict-text.ts';
import {
  at,
  leaving,
  minute,
  rolloutStatus,
  routeStatus,
  verdict,
  versionStatus,
} from './made-up-status.ts';

test('a canary between two steps, with its evidence and what is still needed', async (t) => {
  t.equal(
    statusText(routeStatus(), at),
    `shop      canary v1 → v2   ◌ progressing, step 2 of 4 (10 % for 10 min), 6 min of 10 min
because   step 1 passed
VERSION  STATE   SHARE   REQUESTS  FAILED  IN FLIGHT  ENDPOINTS
v1       active  90.0 %  81,200    0.3 %   12         3 of 3 ready
v2       active  10.0 %  9,100     0.4 %   1          1 of 1 ready
share     planned 10 % on v2, seen 10.2 %
verdict   UNDECIDED: margin ×1.25 is neither reached nor ruled out
evidence  12.3 of 100
errors    0.4 % failed against 0.3 %, evidence 3.1 of 100
latency   8.7 % slow against 5.0 %, evidence 21.5 of 100, at least 1.1 times as many, passes
needed    about 2,100 more requests to v2, 4 min, until PASS
slow      above 96 ms (90 %), 120 ms (95 %), 268 ms (99 %)
next      turnout promote shop | turnout abort shop
`,
  );
});

test('weights for a while, with the time left and the command that ends them', async (t) => {
  const overlay = {
    weights: { v1: 60, v2: 40 },
    beganAt: at - minute,
    endsAt: at + 7 * minute,
    who: 'eve from 10.0.0.7',
    reason: 'load test',
  };
  const complete = rolloutStatus({ phase: 'complete', next: ['turnout undo shop'] });
  for (const [rollout, next] of [
    [undefined, 'turnout weight shop --end'],
    [complete, 'turnout weight shop --end | turnout undo shop'],
  ] as const) {
    const text = statusText(routeStatus({ rollout, overlay }), at);
    t.match(
      text,
      'overlay   v1 60, v2 40 by eve from 10.0.0.7, 7 min left, until 2026-08-01 03:19:07Z: load test\n',
    );
    t.match(text, `\nnext      ${next}\n`);
  }
  const { reason: _, ...silent } = overlay;
  const late = statusText(
    routeStatus({ overlay: { ...silent, reason: undefined } }),
    at + 9 * minute,
  );
  t.match(late, ', 0 ms left, until 2026-08-01 03:19:07Z\n');
});

test('what came back, with the proof that the new version gets nothing any more', async (t) => {
  const status = routeStatus({
    versions: [
      versionStatus('v1', { share: 1 }),
      versionStatus('v2', { share: 0, state: 'disabled', inFlight: 0, leaving: leaving() }),
    ],
    rollout: rolloutStatus({
      phase: 'rolled_back',
      reason: 'step 2 failed the judge',
      endedAt: at,
      share: 0,
      verdict: undefined,
      limitsMs: undefined,
      next: [],
    }),
    differs: 'v2 is disabled by hand',
  });
  t.equal(
    statusText(status, at + minute),
    `shop      canary v1 → v2   ✖ rolled back after 11 min
because   step 2 failed the judge
VERSION  STATE     SHARE  REQUESTS  FAILED  IN FLIGHT  ENDPOINTS
v1       active    100 %  81,200    0.3 %   12         3 of 3 ready
v2       disabled  0 %    81,200    0.3 %   0          3 of 3 ready
share     planned 0 % on v2, seen 10.2 %
leaving   v2: 0 requests since 03:12:07.412Z; the last one ended 03:12:07.901Z
differs   v2 is disabled by hand
`,
  );
});

test('a group, what a strategy shows beside, and what a restart would forget', async (t) => {
  const text = statusText(
    routeStatus({
      rollout: rolloutStatus({
        strategy: 'blue-green',
        routes: ['shop-a', 'shop-b'],
        phase: 'paused',
        stepText: '',
        stepEndsAt: undefined,
        seenShare: undefined,
        verdict: undefined,
        facts: [['gap', '1.2 s']],
        restartsAtFirstStep: true,
      }),
    }),
    at,
  );
  t.match(text, '\ntogether  shop-a, shop-b\n');
  t.match(text, '‖ paused, step 2 of 4, 6 min\n');
  t.match(text, '\nshare     planned 10 % on v2, no requests yet\n');
  t.match(text, '\ngap       1.2 s\n');
  t.match(text, '\nwarning   it is not kept how it stands: a restart begins at the first step\n');
});

test('a route without a rollout, and a version without requests', async (t) => {
  const versions = [versionStatus('v1', { share: 1, requests: 0, failures: 0, inFlight: 0 })];
  t.equal(
    statusText(routeStatus({ rollout: undefined, versions }), at),
    `shop      no rollout
VERSION  STATE   SHARE  REQUESTS  FAILED  IN FLIGHT  ENDPOINTS
v1       active  100 %  0         –       0          3 of 3 ready
`,
  );
});

for (const { of, text } of [
  { of: leaving(), text: '0 requests since 03:12:07.412Z; the last one ended 03:12:07.901Z' },
  {
    of: leaving({ inFlight: 2, lastEndedAt: undefined }),
    text: '0 requests since 03:12:07.412Z; 2 in flight',
  },
  {
    of: leaving({ lastSentAt: undefined, lastEndedAt: undefined }),
    text: '0 requests since 03:12:07.412Z; it never had one',
  },
  {
    of: leaving({ lastEndedAt: undefined, sentSince: 1 }),
    text: '1 request since 03:12:07.412Z',
  },
]) {
  test(`who leaves: ${text}`, async (t) => {
    t.equal(leavingText(of), text);
  });
}

for (const { logE, alpha, text } of [
  { logE: Math.log(12.34), alpha: 0.01, text: '12.3 of 100' },
  { logE: Math.log(250.7), alpha: 0.05, text: '250 of 20' },
  { logE: 900, alpha: 0.001, text: 'more than 1,000,000 of 1,000' },
  { logE: Number.NEGATIVE_INFINITY, alpha: 0.01, text: '0 of 100' },
  { logE: undefined, alpha: 0.03, text: '0 of 33.3' },
]) {
  test(`evidence of ${logE} at ${alpha} is ${text}`, async (t) => {
    t.equal(evidenceText(logE, alpha), text);
  });
}

test('a line per change', async (t) => {
  t.equal(
    changeLine(routeStatus(), at),
    '03:12:07Z shop  canary v1 → v2; progressing, step 2 of 4; 10 % on v2; UNDECIDED, evidence 12.3 of 100; step 1 passed',
  );
  t.equal(changeLine(routeStatus({ rollout: undefined }), at), '03:12:07Z shop  no rollout');
});

test('a step, a phase, a share and another verdict are changes; more evidence is none', async (t) => {
  const key = (rest: Parameters<typeof rolloutStatus>[0]) =>
    changeKey(routeStatus({ rollout: rolloutStatus(rest) }));
  const was = key({});
  for (const rest of [
    { step: 3 },
    { phase: 'paused' },
    { share: 0.5 },
    { verdict: verdict({ kind: 'fail' }) },
    { release: 'shop-4' },
  ] as const) {
    t.not(key(rest), was, JSON.stringify(Object.keys(rest)));
  }
  t.equal(key({ verdict: verdict({ logE: 4 }), seenShare: 0.2 }), was);
  t.equal(key({ reason: 'step 2 ends in 4 min' }), key({ reason: 'step 2 ends in 3 min' }));
  t.equal(changeKey(routeStatus({ rollout: undefined })), '');
});

const revisions: readonly Revision[] = [
  {
    revision: 8,
    at,
    who: 'eve from 127.0.0.1',
    route: 'shop',
    kind: 'abort',
    reason: 'cart is empty',
    hash: 'a1b2c3d4e5f6',
    changes: ['share of v2 10 % → 0 %', 'v2 disabled'],
  },
  {
    revision: 7,
    at: at - minute,
    who: 'turnout',
    route: undefined,
    kind: 'document',
    reason: 'routes.yaml changed',
    hash: 'a1b2c3d4e5f6',
    changes: [],
  },
];

test('what was done, the youngest last', async (t) => {
  t.equal(
    historyText(revisions),
    `REVISION  WHEN                  WHAT      WHO                 WHY
7         2026-08-01 03:11:07Z  document  turnout             routes.yaml changed
8         2026-08-01 03:12:07Z  abort     eve from 127.0.0.1  cart is empty
`,
  );
  t.equal(historyText([]), 'nothing was done yet\n');
});

test('one revision, with all that it changed', async (t) => {
  const [abort, document] = revisions;
  if (abort === undefined || document === undefined) throw new Error('there are two');
  t.equal(
    revisionText(abort),
    `revision  8, abort of shop
when      2026-08-01 03:12:07Z
who       eve from 127.0.0.1
why       cart is empty
document  a1b2c3d4e5f6
changed   share of v2 10 % → 0 %
changed   v2 disabled
`,
  );
  t.match(revisionText(document), /^revision {2}7, document\n/);
});

const together = {
  ...{ replica: 'turnout-a', leader: 'turnout-b', leaderlessMs: undefined, heard: 3, of: 3 },
  ...{ alike: 3, trouble: undefined },
};

for (const { replicas, line } of [
  { replicas: together, line: '3 of 3 agree; turnout-b leads' },
  { replicas: { ...together, heard: 2, alike: 2 }, line: '2 of 3 agree; turnout-b leads' },
  { replicas: { ...together, alike: 2 }, line: '3 of 3 are heard, 2 agree; turnout-b leads' },
  {
    replicas: { ...together, leader: undefined, leaderlessMs: 40_000 },
    line: '3 of 3 agree; no leader for 40 s: nothing goes on by itself',
  },
  {
    replicas: { ...together, trouble: 'what leads back is not written yet' },
    line: '3 of 3 agree; turnout-b leads; what leads back is not written yet',
  },
]) {
  test(`replicas: ${line}`, async (t) => {
    const text = statusText(routeStatus({ replicas }), at);
    t.match(text, `\nreplicas  ${line}\n`);
  });
}

test('the proof says on how many replicas it is one', async (t) => {
  const replicas = { inForce: 2, heard: 2, of: 3 };
  t.match(leavingText(leaving({ replicas })), /^0 requests since \S+ on 2 of 3 replicas; the last/);
});
