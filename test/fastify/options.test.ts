import Fastify, { type FastifyInstance } from 'fastify';
import { test } from 'tap';
import { problemsOf, type TurnoutOptions } from '../../src/fastify/options.ts';
import { turnout } from '../../src/fastify/plugin.ts';
import { registering } from './service.ts';

const text = `apiVersion: turnout/v1
routes:
  - { name: shop, versions: { v1: { url: "http://127.0.0.1:9" } } }
`;
const secret = Buffer.alloc(16);

for (const { options, problem } of [
  { options: { rules: '' }, problem: 'rules must be the name of a file or { text }' },
  // What JavaScript may pass.
  { options: {} as TurnoutOptions, problem: 'rules must be the name of a file or { text }' },
  { options: { rules: { text }, watch: true }, problem: 'watch needs rules in a file' },
  {
    options: { rules: 'a', prefix: '/:shop' },
    problem: 'prefix must be plain segments such as /shop, got "/:shop"',
  },
  {
    options: { rules: 'a', trustedProxies: ['10.0.0.0/33'] },
    problem: 'trustedProxies: "10.0.0.0/33" is no block of addresses',
  },
  {
    options: { rules: 'a', keys: [{ id: 'a b', secret }] },
    problem: 'keys: an id must be 1 to 32 letters, digits, "_" or "-"',
  },
  {
    options: {
      rules: 'a',
      keys: [
        { id: 'k', secret },
        { id: 'k', secret },
      ],
    },
    problem: 'keys: the id "k" is there twice',
  },
  {
    options: { rules: 'a', keys: [{ id: 'k', secret: Buffer.alloc(15) }] },
    problem: 'keys: the secret of "k" must have at least 128 bits',
  },
] satisfies { options: TurnoutOptions; problem: string }[]) {
  test(`refuses options: ${problem}`, async (t) => {
    t.same(problemsOf(options), [problem]);
    await t.rejects(registering(options), { message: `turnout: ${problem}` });
  });
}

test('takes every option', async (t) => {
  const keys = [{ id: 'k', secret }];
  const options = { rules: 'a', prefix: '/a/b-c/', watch: true, keys, trustedProxies: ['::1'] };
  t.same(problemsOf(options), []);
});

test('refuses a service that speaks HTTP/2', async (t) => {
  const app = Fastify({ http2: true }) as unknown as FastifyInstance;
  await t.rejects(registering({ rules: { text } }, app), /HTTP\/2 is not taken/);
});

test('two scopes of a service may have rules of their own', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  for (const prefix of ['/a', '/b']) {
    app.register(async (scope) => scope.register(turnout, { rules: { text }, prefix }));
  }
  await app.ready();
  t.equal((await app.inject('/a/x')).statusCode, 502);
  t.equal((await app.inject('/b')).statusCode, 502);
  t.match((await app.inject('/c')).json(), { statusCode: 404, error: 'Not Found' });
});
