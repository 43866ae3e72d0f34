import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo } from '../support/start-proxy.ts';
import { type Serving, startServing } from '../support/turnout-process.ts';

/** At this signal a process throws where nobody catches. Quotes would be taken for the option's. */
const script = 'process.on(`SIGUSR2`,()=>{throw(new(RangeError)(`oh`))})';
const buggy = { NODE_OPTIONS: `--import=data:text/javascript,${script}` };
const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A Turnout whose processes can be made to throw, with a request under way. */
async function underWay(t: Test, flags: readonly string[]) {
  const waiting: OriginConnection[] = [];
  const origin = await rawOrigin((connection) => waiting.push(connection));
  t.teardown(() => origin.close());
  const turnout = await startServing(t, rulesTo(origin.url), flags, buggy);
  const client = await RawClient.connect(turnout.port);
  t.teardown(() => client.destroy());
  client.write(request);
  await eventually(() => waiting.length === 1, 'a request is at its origin');
  const goOn = () => waiting.forEach(({ socket }) => void socket.write(response('at last')));
  return { turnout, client, goOn };
}

async function workersOf({ adminPort }: Serving) {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/workers`);
  const { workers } = (await answer.json()) as {
    readonly workers: readonly {
      readonly pid: number;
      readonly state: string;
      readonly connections?: number;
    }[];
  };
  return workers;
}

test('a throw that nobody caught: the port is closed, what is begun is finished, and 1', async (t) => {
  const { turnout, client, goOn } = await underWay(t, []);
  turnout.child.kill('SIGUSR2');
  await turnout.says('error: a bug of Turnout: oh\n');
  await eventually(async () => {
    try {
      (await RawClient.connect(turnout.port)).destroy();
      return false;
    } catch {
      return true;
    }
  }, 'the port is closed');
  goOn();
  await client.ends();
  t.match(client.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*at last$/i);
  client.destroy();
  t.equal(await turnout.ended, 1);
  t.match(turnout.output(), /"event\.name":"bug_caught","stack":"RangeError: oh/);
});

test('in a worker: another one has its place while it finishes what is begun', async (t) => {
  const { turnout, client, goOn } = await underWay(t, ['--workers', '2']);
  const faulty = async () =>
    (await workersOf(turnout)).find(({ connections }) => connections === 1);
  await eventually(async () => (await faulty()) !== undefined, 'it has told of the connection');
  const pid = (await faulty())?.pid ?? 0;
  process.kill(pid, 'SIGUSR2');
  await turnout.says('worker_faulty');
  goOn();
  await client.ends();
  t.match(client.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*at last$/i);
  client.destroy();
  await eventually(async () => {
    const workers = await workersOf(turnout);
    const serving = workers.filter(({ state }) => state === 'serving');
    return serving.length === 2 && serving.every((worker) => worker.pid !== pid);
  }, 'two others serve');
  await eventually(
    async () => (await workersOf(turnout)).every((worker) => worker.pid !== pid),
    'it has ended',
  );
  t.match(turnout.output(), /"event\.name":"worker_faulty".*"reason":"a bug of Turnout: oh"/);
  const metrics = await (await fetch(`http://127.0.0.1:${turnout.adminPort}/metrics`)).text();
  t.match(metrics, /^turnout_bugs_total 1$/m);
  t.match(metrics, /^turnout_worker_restarts_total\{reason="faulty"\} 1$/m);
});
