import { test } from 'tap';
import { sendAll } from '../support/pipelining-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { startServing } from '../support/turnout-process.ts';

const units = 100_000;
const connections = 20;
/** Returns the version that each unit was given: `1` or `2` per unit. */
async function versionsOf(port: number): Promise<string> {
  const versions: string[] = Array.from({ length: units });
  const share = units / connections;
  await Promise.all(
    Array.from({ length: connections }, (_, part) =>
      sendAll(
        port,
        share,
        (index) => `GET / HTTP/1.1\r\nHost: a\r\nX-User-Id: user-${part * share + index}\r\n\r\n`,
        (index, { status, body }) => {
          versions[part * share + index] = status === 200 ? body : '?';
        },
      ),
    ),
  );
  return versions.join('');
}

test(`90/10 over ${units} units: as the binomial allows, and the same in two processes`, async (t) => {
  const origins = await Promise.all([
    rawOrigin(answering(response('1'))),
    rawOrigin(answering(response('2'))),
  ]);
  const [v1, v2] = origins.map(({ url }) => url);
  t.teardown(() => Promise.all(origins.map((origin) => origin.close())));
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    unit: "header:x-user-id"
    versions: { v1: { url: "${v1}", weight: 90 }, v2: { url: "${v2}", weight: 10 } }
`;
  const processes = await Promise.all([startServing(t, rules), startServing(t, rules)]);

  const [one = '', other = ''] = await Promise.all(processes.map(({ port }) => versionsOf(port)));
  const second = one.replaceAll('1', '').length;
  t.equal(one.length, units);
  t.match(one, /^[12]+$/);
  // Two-sided p = 0.001 of the normal: |z| = 3.29.
  const z = (second - units * 0.1) / Math.sqrt(units * 0.1 * 0.9);
  t.ok(Math.abs(z) < 3.29, `${second} of ${units} units got the 10 %: z = ${z.toFixed(2)}`);
  t.ok(one === other, 'the two processes agree on every unit');
});
