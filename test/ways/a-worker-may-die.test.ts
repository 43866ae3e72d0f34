import { writeFileSync } from 'node:fs';
import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { steadyClients } from '../support/steady-clients.ts';
import { type Serving, startServing } from '../support/turnout-process.ts';
import { type Parsed, parseExposition, valueIn } from '../telemetry/parse-exposition.ts';

interface Worker {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly generation: number;
  readonly hash: string;
  readonly connections: number;
}

async function workersOf({ adminPort }: Serving): Promise<readonly Worker[]> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/workers`);
  return ((await answer.json()) as { readonly workers: readonly Worker[] }).workers;
}

async function scrape({ adminPort }: Serving): Promise<Parsed> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  return parseExposition(await answer.text());
}

/** Document n: every answer says its number twice, once by the proxy and once by the version. */
function documentOf(n: number, url: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: "${n}" } } }
    versions: { v1: { url: "${url}", headers: { request: { set: { x-document: "${n}" } } } } }
`;
}

async function startOrigin(t: Test): Promise<string> {
  const origin = await rawOrigin(
    answering((head) => response(/^x-document: (\d+)\r$/im.exec(head)?.[1] ?? 'none')),
  );
  t.teardown(() => origin.close());
  return origin.url;
}

/** Counters of Turnout by series. */
function countersIn({ types, lines }: Parsed): Map<string, number> {
  const counters = lines.filter(({ name }) => {
    const type = types.get(name.replace(/_(bucket|sum|count)$/, ''));
    return name.startsWith('turnout_') && (type === 'counter' || type === 'histogram');
  });
  return new Map(
    counters.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]),
  );
}

test('kill -9 of a worker under load costs what it had in flight, and no counter falls', async (t) => {
  const turnout = await startServing(t, documentOf(1, await startOrigin(t)), ['--workers', '2']);
  const clients = steadyClients(t, turnout.port, 20);
  const answered = () => clients.answered.get(200) ?? 0;
  await eventually(() => answered() > 200, 'traffic flows');
  const busiest = async () =>
    (await workersOf(turnout)).toSorted((a, b) => b.connections - a.connections)[0];
  await eventually(async () => ((await busiest())?.connections ?? 0) > 0, 'that is told');

  let isScraping = true;
  const fallen: string[] = [];
  const scraping = (async () => {
    let before = countersIn(await scrape(turnout));
    while (isScraping) {
      const after = countersIn(await scrape(turnout));
      for (const [series, value] of before) {
        if (!((after.get(series) ?? -1) >= value)) fallen.push(series);
      }
      before = after;
    }
  })();

  const victim = await busiest();
  const answeredBefore = answered();
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await eventually(async () => {
    const workers = await workersOf(turnout);
    const isReplaced = workers.every(
      ({ pid, state }) => pid !== victim?.pid && state === 'serving',
    );
    return isReplaced && workers.length === 2;
  }, 'another one has its place');
  await eventually(() => answered() > answeredBefore + 200, 'traffic flows on');
  clients.stop();
  await clients.over;
  isScraping = false;
  await scraping;

  t.same(fallen, [], 'no counter fell');
  t.ok(clients.failures.length <= 20, `${clients.failures.length} of 20 clients lost a request`);
  t.same([...clients.answered.keys()], [200]);
  const after = await scrape(turnout);
  t.equal(valueIn(after, 'turnout_in_flight_requests', { route: 'shop', version: 'v1' }), 0);
  t.equal(valueIn(after, 'turnout_worker_restarts_total', { reason: 'died' }), 1);
  t.match(turnout.output(), /"event\.name":"worker_died".*"signal":"SIGKILL"/);
});

test('after a reload all workers serve the same document, and say so', async (t) => {
  const url = await startOrigin(t);
  const turnout = await startServing(t, documentOf(1, url), ['--workers', '3']);
  const clients = steadyClients(t, turnout.port, 12);
  let agreed = 1;
  const wrong: string[] = [];
  clients.onAnswer = (body, headers) => {
    const number = Number(body);
    // What was sent before all had swapped may come after it.
    if (headers['x-document'] !== body || number < agreed - 1) wrong.push(`${body} at ${agreed}`);
  };
  for (const number of [2, 3, 4]) {
    writeFileSync(turnout.rulesFile, documentOf(number, url));
    await turnout.says(new RegExp(`"event\\.name":"workers_agreed","generation":${number}`));
    agreed = number;
    const workers = await workersOf(turnout);
    t.same(
      workers.map(({ generation }) => generation),
      [number, number, number],
    );
    t.equal(new Set(workers.map(({ hash }) => hash)).size, 1);
    for (let n = 0; n < 20; n++) {
      const answer = await fetch(`http://127.0.0.1:${turnout.port}/`);
      t.equal(await answer.text(), String(number));
    }
  }
  clients.stop();
  await clients.over;
  t.same(clients.failures, []);
  t.same(wrong, []);
  const parsed = await scrape(turnout);
  for (const worker of ['1', '2', '3']) {
    t.equal(valueIn(parsed, 'turnout_worker_snapshot_generation', { worker }), 4);
  }
  t.equal(valueIn(parsed, 'turnout_workers'), 3);
});

test('a worker that starts after a reload serves what is in force, and counts where the others do', async (t) => {
  const url = await startOrigin(t);
  const turnout = await startServing(t, documentOf(1, url), ['--workers', '2']);
  // Another route before it: a process that saw only the second document would number them otherwise.
  writeFileSync(
    turnout.rulesFile,
    documentOf(2, url).replace(
      'routes:\n',
      `routes:\n  - { name: first, match: { path: /first }, versions: { v1: { url: "${url}" } } }\n`,
    ),
  );
  await turnout.says('"event.name":"workers_agreed","generation":2');
  const old = (await workersOf(turnout)).map(({ pid }) => pid);
  for (const pid of old) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    const workers = await workersOf(turnout);
    return (
      workers.filter(({ pid, state }) => !old.includes(pid) && state === 'serving').length === 2
    );
  }, 'all of them are new');
  const beganAt = Date.now() / 1_000;
  for (let n = 0; n < 10; n++) {
    t.equal(await (await fetch(`http://127.0.0.1:${turnout.port}/`)).text(), '2');
  }
  const parsed = await scrape(turnout);
  const version = { route: 'shop', version: 'v1' };
  const requests = { ...version, method: 'GET', code: '200' };
  t.equal(valueIn(parsed, 'turnout_requests_total', requests), 10);
  const last = valueIn(parsed, 'turnout_version_last_request_timestamp_seconds', version) ?? 0;
  // Its clock began a second or more after the primary's.
  t.ok(last > beganAt - 0.1, `the last request was at ${last}, after ${beganAt}`);
});

test('signals are for the primary', async (t) => {
  const turnout = await startServing(t, documentOf(1, await startOrigin(t)), ['--workers', '2']);
  const pids = (await workersOf(turnout)).map(({ pid }) => pid);
  for (const pid of pids) {
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
  }
  for (let n = 0; n < 10; n++) {
    t.equal(await (await fetch(`http://127.0.0.1:${turnout.port}/`)).text(), '1');
  }
  t.same(
    (await workersOf(turnout)).map(({ pid }) => pid),
    pids,
  );
});

test('workers that cannot live end the process, which says why', async (t) => {
  const turnout = await startServing(t, documentOf(1, await startOrigin(t)), ['--workers', '2']);
  const killed = new Set<number>();
  const killAll = (workers: readonly Worker[]) => {
    const serving = workers.filter(({ pid, state }) => state === 'serving' && !killed.has(pid));
    for (const { pid } of serving) {
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
  };
  // When nobody answers any more, the process has ended.
  const killing = (async () => {
    for (;;) killAll(await workersOf(turnout));
  })().catch(() => {});
  await turnout.says('error: 6 workers died young within a minute\n');
  t.equal(await turnout.ended, 1);
  await killing;
});

test('where the primary dies its workers finish what is begun, and end', async (t) => {
  const url = await startOrigin(t);
  const turnout = await startServing(t, documentOf(1, url), ['--workers', '2']);
  const clients = steadyClients(t, turnout.port, 8, { portVanishes: true });
  await eventually(() => (clients.answered.get(200) ?? 0) > 100, 'traffic flows');
  turnout.child.kill('SIGKILL');
  await clients.over;
  t.same(clients.failures, []);
  // Its output is theirs too: it ends when the last of them has.
  await turnout.ended;
});

test('a taken port is told as one process tells it', async (t) => {
  const url = await startOrigin(t);
  const first = await startServing(t, documentOf(1, url));
  const words = ['--listen', `127.0.0.1:${first.port}`, '--workers', '2'];
  await t.rejects(startServing(t, documentOf(1, url), words), {
    message: /error: 127\.0\.0\.1:\d+ is taken\n {2}hint: stop what listens there/,
  });
});
