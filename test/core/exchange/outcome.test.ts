import { test } from 'tap';
import { outcomeOf } from '#core/exchange/outcome';

for (const { failure, status, outcome, because } of [
  { failure: undefined, status: 200, outcome: 'success', because: 'it was answered' },
  { failure: undefined, status: 404, outcome: 'success', because: 'a 404 is an answer' },
  { failure: undefined, status: 500, outcome: 'failure', because: 'any 5xx is one' },
  { failure: 'upstream_reset', status: 200, outcome: 'failure', because: 'the answer was cut' },
  { failure: 'response_timeout', status: 504, outcome: 'failure', because: 'it came late' },
  { failure: 'overflow', status: 503, outcome: 'failure', because: 'the version was too slow' },
  { failure: 'client_disconnect', status: 0, outcome: 'ignored', because: 'the client left' },
  { failure: 'client_disconnect', status: 503, outcome: 'ignored', because: 'the client left' },
  { failure: 'request_timeout', status: 408, outcome: 'ignored', because: 'the client was slow' },
] as const) {
  test(`${failure ?? 'an answer'} with ${status} is ${outcome}: ${because}`, async (t) => {
    t.equal(outcomeOf(failure, status), outcome);
  });
}
