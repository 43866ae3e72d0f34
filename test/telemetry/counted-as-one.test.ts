import { test } from 'tap';
import { startBackend } from '../conformance/httproute/backend.ts';
import { httpRoute } from '../core/httproute/an-object.ts';
import { ask } from '../support/ask.ts';
import { startServing } from '../support/turnout-process.ts';
import { parseExposition } from './parse-exposition.ts';

test('the routes of one rule are one series, whichever match takes a request', async (t) => {
  const backend = await startBackend('a');
  t.teardown(() => backend.close());
  const rules = `- matches: [{ path: { value: /a } }, { path: { type: Exact, value: /b } }]
  backendRefs: [{ name: a, port: 80 }, { name: b, weight: 0 }]
- backendRefs: [{ name: a, port: 80 }]`;
  const text = `apiVersion: turnout/v1
services: { a: "${backend.url}" }
---
${httpRoute(rules, 'hostnames: [shop, "*.shop"]')}`;
  const serving = await startServing(t, text);
  for (const path of ['/a', '/b', '/c']) {
    await ask(serving.port, `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  }
  await ask(serving.port, 'GET /a HTTP/1.1\r\nHost: www.shop\r\n\r\n');
  const answer = await fetch(`http://127.0.0.1:${serving.adminPort}/metrics`);
  // Throws where a series stands twice.
  const { lines } = parseExposition(await answer.text());
  const requests = lines.filter(
    ({ name, labels, value }) =>
      name === 'turnout_requests_total' && labels.version === 'a' && value > 0,
  );
  t.strictSame(
    requests.map(({ labels, value }) => [labels.route, value]),
    [
      ['shop/cart', 3],
      ['shop/cart#2', 1],
    ],
  );
  const shares = lines.filter(
    ({ name, labels }) => name === 'turnout_version_weight_ratio' && labels.route === 'shop/cart',
  );
  t.equal(shares.length, 2);
});
