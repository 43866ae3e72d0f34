import { test } from 'tap';
import {
  isCharged,
  isIdempotent,
  type LostTry,
  retryReason,
  retryWhen,
} from '#core/endpoints/retry';
import { retryReasons } from '#core/exchange/labels';

test('what may be sent twice', async (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) t.ok(isIdempotent(method));
  for (const method of ['POST', 'PATCH', 'PROPFIND', 'get', '']) t.notOk(isIdempotent(method));
});

const lost: LostTry = { wasSent: true, onUsed: true, hasAnswered: false, isRepeatable: true };

for (const { but, reason, because } of [
  { but: {}, reason: 'stale', because: 'closed just as it was used again' },
  { but: { onUsed: false }, reason: 'reset', because: 'nobody else had used the connection' },
  { but: { isRepeatable: false }, reason: undefined, because: 'a POST may have been done' },
  { but: { hasAnswered: true }, reason: undefined, because: 'an answer had begun' },
  { but: { wasSent: false }, reason: 'connect', because: 'there was no connection' },
  {
    but: { wasSent: false, isRepeatable: false },
    reason: 'connect',
    because: 'a POST that was not sent was not done',
  },
] as const) {
  test(`${reason ?? 'never'}: ${because}`, async (t) => {
    t.equal(retryReason({ ...lost, ...but }), reason);
  });
}

const left = { attempts: 1, repeats: 0, hasOther: false, mayPause: true };

for (const { reason, but, when, because } of [
  { reason: 'connect', but: {}, when: 'after-pause', because: 'there is no other endpoint' },
  { reason: 'connect', but: { hasOther: true }, when: 'at-once', because: 'there is another' },
  {
    reason: 'connect',
    but: { hasOther: true, repeats: 1 },
    when: 'at-once',
    because: 'to ask another one is not to send again',
  },
  { reason: 'connect', but: { repeats: 1 }, when: undefined, because: 'it has been repeated' },
  { reason: 'connect', but: { mayPause: false }, when: undefined, because: 'it is held instead' },
  { reason: 'stale', but: {}, when: 'at-once', because: 'nobody has read it' },
  { reason: 'stale', but: { repeats: 1 }, when: undefined, because: 'once' },
  { reason: 'reset', but: { hasOther: true }, when: 'at-once', because: 'by another endpoint' },
  { reason: 'reset', but: {}, when: 'after-pause', because: 'by the same endpoint' },
  { reason: 'status', but: { hasOther: true }, when: 'after-pause', because: 'it is overloaded' },
  { reason: 'status', but: { repeats: 1 }, when: undefined, because: 'once' },
  { reason: 'status', but: { attempts: 3, repeats: 2 }, when: 'after-pause', because: 'of three' },
] as const) {
  test(`${reason}, ${JSON.stringify(but)}: ${when ?? 'no more'}, ${because}`, async (t) => {
    t.equal(retryWhen(reason, { ...left, ...but }), when);
  });
}

test('retries: off is off, whatever the reason', async (t) => {
  for (const reason of retryReasons) {
    t.equal(retryWhen(reason, { ...left, attempts: 0, hasOther: true }), undefined);
  }
});

for (const [reason, when, charged, because] of [
  ['connect', 'at-once', false, 'nobody was sent anything, and each is asked once'],
  ['connect', 'after-pause', true, 'the same one is asked again'],
  ['stale', 'at-once', false, 'nobody has read it'],
  ['reset', 'at-once', true, 'somebody may have'],
  ['status', 'after-pause', true, 'somebody has'],
] as const) {
  test(`${reason} ${when} is ${charged ? '' : 'not '}charged: ${because}`, async (t) => {
    t.equal(isCharged(reason, when), charged);
  });
}
