import { Agent, request } from 'node:http';
import { test } from 'tap';
import { servePage } from '../../src/testpage/page.ts';
import { type PageSettings, readPageSettings } from '../../src/testpage/page-settings.ts';

const settings: PageSettings = {
  host: '127.0.0.1',
  port: 0,
  podIp: undefined,
  version: 'v1',
  errorRate: 0,
  latencyMs: 0,
  startMs: 0,
  drainMs: 0,
};

interface Got {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly connection: string | undefined;
  readonly keepAlive: string | undefined;
  readonly body: string;
}

/** Without an agent of its own a request closes its connection. */
function get(port: number, path: string, method = 'GET', agent?: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, agent: agent ?? false }, async (response) => {
      const { statusCode, headers } = response;
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      const { connection, 'content-type': type, 'keep-alive': idle } = headers;
      resolve({ status: statusCode, type, connection, keepAlive: String(idle), body });
    })
      .on('error', reject)
      .end();
  });
}

test('tells the address it was asked at and its version, in one line of text', async (t) => {
  const page = await servePage({ ...settings, version: 'v7' });
  t.teardown(page.drain);
  const { status, type, body } = await get(page.port, '/any/path?x=1');
  t.equal(status, 200);
  t.equal(type, 'text/plain; charset=utf-8');
  t.equal(body, 'I am: 127.0.0.1, the version is: v7\n');
});

test('tells POD_IP where it is given', async (t) => {
  const page = await servePage({ ...settings, podIp: '10.1.2.3' });
  t.teardown(page.drain);
  t.match(await get(page.port, '/'), { body: 'I am: 10.1.2.3, the version is: v1\n' });
});

test('fails the share of answers it is told to, and no probe', async (t) => {
  const draws = [0.19, 0.2, 0.05];
  const page = await servePage({ ...settings, errorRate: 0.2 }, () => draws.shift() ?? 0);
  t.teardown(page.drain);
  const statuses: unknown[] = [];
  for (const path of ['/', '/', '/', '/livez', '/readyz', '/metrics']) {
    statuses.push((await get(page.port, path)).status);
  }
  t.same(statuses, [500, 200, 500, 200, 200, 200]);
});

test('counts answers by version, code and method, but no probe', async (t) => {
  const draws = [0, 1, 1];
  const page = await servePage({ ...settings, errorRate: 0.5 }, () => draws.shift() ?? 1);
  t.teardown(page.drain);
  await get(page.port, '/');
  await get(page.port, '/');
  await get(page.port, '/order', 'POST');
  await get(page.port, '/livez');
  const { body } = await get(page.port, '/metrics');
  t.same(
    body.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    [
      'http_requests_total{version="v1",code="500",method="GET"} 1',
      'http_requests_total{version="v1",code="200",method="GET"} 1',
      'http_requests_total{version="v1",code="201",method="POST"} 1',
    ],
  );
});

test('/order counts each POST and tells the number', async (t) => {
  const page = await servePage(settings);
  t.teardown(page.drain);
  t.match(await get(page.port, '/order'), { status: 200, body: '0\n' });
  t.match(await get(page.port, '/order', 'POST'), { status: 201, body: '1\n' });
  t.match(await get(page.port, '/order', 'POST'), { status: 201, body: '2\n' });
  t.match(await get(page.port, '/order'), { status: 200, body: '2\n' });
});

test('is live but not ready, and serves nothing, while it starts', async (t) => {
  const page = await servePage({ ...settings, startMs: 3_600_000 });
  t.teardown(page.drain);
  t.match(await get(page.port, '/livez'), { status: 200 });
  t.match(await get(page.port, '/readyz'), { status: 503, body: 'starting\n' });
  t.match(await get(page.port, '/'), { status: 503, body: 'starting\n' });
});

test('is ready when its start is over', async (t) => {
  const page = await servePage({ ...settings, startMs: 1 });
  t.teardown(page.drain);
  let status: number | undefined;
  while (status !== 200) status = (await get(page.port, '/readyz')).status;
  t.match(await get(page.port, '/'), { status: 200 });
});

test('draining: unready at once, serves on for its time, then nobody listens', async (t) => {
  const page = await servePage({ ...settings, drainMs: 1_000 });
  const drained = page.drain();
  t.match(await get(page.port, '/readyz'), { status: 503, body: 'draining\n' });
  t.match(await get(page.port, '/'), { status: 200 });
  await drained;
  await t.rejects(get(page.port, '/'), { code: 'ECONNREFUSED' });
});

test('draining: a request that is begun is answered, and its connection closed', async (t) => {
  const page = await servePage({ ...settings, latencyMs: 200 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const answer = get(page.port, '/', 'GET', agent);
  await get(page.port, '/livez');
  await page.drain();
  t.match(await answer, { status: 200, connection: 'close' });
});

test('keeps an idle connection longer than any proxy before it would', async (t) => {
  const page = await servePage(settings);
  t.teardown(page.drain);
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const { connection, keepAlive } = await get(page.port, '/', 'GET', agent);
  t.equal(connection, 'keep-alive');
  t.equal(keepAlive, 'timeout=600');
});

for (const { env, problem } of [
  {
    env: { PORT: '65536' },
    problem: 'PORT must be a port, a whole number from 0 to 65535, got "65536"',
  },
  {
    env: { ERROR_RATE: '1.5' },
    problem: 'ERROR_RATE must be a share from 0 to 1, for example 0.05, got "1.5"',
  },
  {
    env: { ERROR_RATE: '5%' },
    problem: 'ERROR_RATE must be a share from 0 to 1, for example 0.05, got "5%"',
  },
  {
    env: { LATENCY_MS: '10s' },
    problem: 'LATENCY_MS must be milliseconds, a whole number from 0 to 3600000, got "10s"',
  },
  {
    env: { VERSION: 'a\nb' },
    problem: 'VERSION must be printable text of 1 to 63 characters, got "a\nb"',
  },
]) {
  test(`refuses ${JSON.stringify(env)}`, async (t) => {
    t.same(readPageSettings(env), { problems: [problem] });
  });
}

test('reads its variables; an empty one counts as absent', async (t) => {
  t.same(
    readPageSettings({
      PORT: '9001',
      HOST: '127.0.0.11',
      VERSION: '',
      ERROR_RATE: '.05',
      LATENCY_MS: '20',
    }),
    {
      settings: {
        host: '127.0.0.11',
        port: 9001,
        podIp: undefined,
        version: 'v1',
        errorRate: 0.05,
        latencyMs: 20,
        startMs: 0,
        drainMs: 0,
      },
    },
  );
});
