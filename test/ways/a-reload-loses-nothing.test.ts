import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'tap';
import { type Response, sendAll } from '../support/pipelining-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { startProxy } from '../support/start-proxy.ts';

const reloads = 10_000;
const connections = 8;

/** Document n sends everything to version n % 3, and says its number in every answer. */
function documentOf(number: number, urls: readonly string[]): string {
  const version = number % urls.length;
  const versions = urls.map(
    (url, index) => `v${index}: { url: "${url}", weight: ${index === version ? 1 : 0} }`,
  );
  return `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: "${number}" } } }
    versions: { ${versions.join(', ')} }
`;
}

test(`${reloads} reloads under load: no request fails, none sees two documents`, async (t) => {
  const origins = await Promise.all(
    [0, 1, 2].map((version) => rawOrigin(answering(response(`v${version}`)))),
  );
  const urls = origins.map(({ url }) => url);
  const proxy = await startProxy(documentOf(0, urls));
  t.teardown(async () => {
    proxy.close();
    await Promise.all(origins.map((origin) => origin.close()));
  });

  let inForce = 0;
  let isDone = false;
  let responses = 0;
  const wrong: string[] = [];
  const versionsSeen = new Set<string>();

  const check = (since: number, { status, head, body }: Response) => {
    const document = Number(/^x-document: (\d+)/im.exec(head)?.[1]);
    const isRight =
      status === 200 && document >= since && document <= inForce && body === `v${document % 3}`;
    if (!isRight)
      wrong.push(`${status} ${body} document ${document}, sent at ${since}, now ${inForce}`);
    versionsSeen.add(body);
    responses++;
  };
  const clients = Array.from({ length: connections }, async () => {
    while (!isDone) {
      const sentAt: number[] = [];
      await sendAll(
        proxy.port,
        100,
        (index) => {
          sentAt[index] = inForce;
          return 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
        },
        (index, answer) => check(sentAt[index] ?? Number.NaN, answer),
      );
    }
  });

  while (inForce < reloads) {
    proxy.swap(documentOf(inForce + 1, urls));
    inForce++;
    await turn();
  }
  isDone = true;
  await Promise.all(clients);

  t.same(wrong, []);
  t.equal(versionsSeen.size, 3, 'every version had its turn');
  t.ok(responses > 1_000, `${responses} responses came while documents changed`);
  t.equal(proxy.seen.filter(({ failure }) => failure !== undefined).length, 0);
  t.equal(proxy.inFlight(), 0);
  t.same(proxy.bugs, []);
});
