import { test } from 'tap';
import { refusals } from '#core/http1/refusal';
import { type Case, readCases } from './corpus.ts';

const files = ['requests.json', 'responses.json', 'chunked.json'];

/** What no bytes can bring about by themselves: time, or a rule. */
const byOthers = ['head_timeout', 'encoded_slash'];
/** What is looked at where a route lets requests ask: test/core/websocket/handshake.test.ts. */
const byHandshake = ['bad_websocket_key', 'bad_websocket_version', 'unasked_switch', 'bad_switch'];

test('every reason for a refusal has a case, and every case a reason that exists', async (t) => {
  const expected = files
    .flatMap((file) => readCases<Case<object>>(file))
    .flatMap(({ expect }) => ('refused' in expect ? [expect.refused] : []));
  t.strictSame(
    [...new Set([...expected, ...byOthers, ...byHandshake])].sort(),
    Object.keys(refusals).sort(),
  );
});

test('every case has a name of its own and says why', async (t) => {
  for (const file of files) {
    const cases = readCases<Case<object>>(file);
    t.equal(new Set(cases.map(({ name }) => name)).size, cases.length, file);
    for (const { name, why } of cases) t.ok(why.length >= 5, `${file}: ${name}`);
  }
});

test('every reason says a status, where it is written, and what is wrong', async (t) => {
  for (const [code, { status, rfc, message }] of Object.entries(refusals)) {
    t.match(code, /^[a-z][a-z0-9_]*$/);
    t.ok(
      [400, 405, 408, 414, 417, 426, 431, 501, 502, 505, 508].includes(status),
      `${code}: ${status}`,
    );
    t.match(rfc, /^RFC \d{4} section [\d.]+$/, code);
    t.match(message, /^[A-Za-z0-9*%].{9,78}[^.]$/, code);
  }
});
