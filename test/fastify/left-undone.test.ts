import Fastify from 'fastify';
import { test } from 'tap';
import { leftUndone } from '../../src/fastify/left-undone.ts';
import { ruleOf } from '../core/rollout/made-up.ts';
import { mirrorTo, plain, rule } from '../core/routing/made-up.ts';
import { registering } from './service.ts';

for (const { key, rest } of [
  { key: 'retries', rest: { retries: { ...plain.retries, attempts: 0 } } },
  {
    key: 'health',
    rest: {
      health: {
        path: '/',
        host: undefined,
        intervalMs: 1,
        timeoutMs: 1,
        unhealthy: 1,
        healthy: 1,
        statuses: undefined,
      },
    },
  },
  { key: 'ejection', rest: { ejection: { ...plain.ejection, failures: 1 } } },
  { key: 'slowStart', rest: { slowStartMs: 1 } },
  { key: 'limits', rest: { limits: { ...plain.limits, bodyBytes: 1 } } },
  { key: 'mirror', rest: { mirror: mirrorTo('v2') } },
  {
    key: 'fault',
    rest: {
      fault: {
        when: undefined,
        version: undefined,
        delayMs: 1,
        delayPercent: 1,
        abortStatus: 0,
        abortPercent: 0,
      },
    },
  },
  { key: 'rollout', rest: { rollout: ruleOf('canary') } },
]) {
  test(`only the proxy does ${key}`, async (t) => {
    t.strictSame(leftUndone([rule(), rule({ name: 'api', ...rest })]), [`${key} of route "api"`]);
  });
}

test('ejection that is off is what the plugin does, and what is not said needs no warning', async (t) => {
  t.strictSame(leftUndone([rule(), rule({ ejection: undefined })]), []);
});

test('the log of the service says what does nothing here', async (t) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line) => lines.push(line) } } });
  const text = `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a" }, v2: { url: "http://b", weight: 0 } }
    mirror: { to: v2 }
    slowStart: 1s
`;
  await registering({ rules: { text } }, app);
  t.match(lines.join(''), /slowStart, mirror of route \\"shop\\": only the proxy does that/);
});
