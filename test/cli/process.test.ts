import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { startTurnout, type TurnoutProcess } from '../support/turnout-process.ts';

/** Below the ports the system hands out; of its own for each process that runs this file. */
const firstPort = 20_000 + (process.pid % 10_000);
const [pageOne, pageTwo, traffic] = [firstPort, firstPort + 1, firstPort + 2];

const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { url: "http://127.0.0.1:${pageOne}", weight: 1 }
      v2: { url: "http://127.0.0.1:${pageTwo}", weight: 0 }
`;

/** The body of a page, or the code of what went wrong. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, agent: false }, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve(body);
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

async function until(port: number, answer: RegExp): Promise<string> {
  for (;;) {
    const body = await ask(port);
    if (answer.test(body)) return body;
  }
}

function demo(t: Test, file: string): TurnoutProcess {
  return startTurnout(t, [
    'demo',
    '--rules',
    file,
    '--listen',
    `127.0.0.1:${traffic}`,
    '--admin',
    'off',
  ]);
}

test('testpage: answers, and ends with 0 at SIGTERM', async (t) => {
  const env = { HOST: '127.0.0.1', PORT: String(pageOne), VERSION: 'v9' };
  const { child, says, ended } = startTurnout(t, ['testpage'], env);
  await says(`testpage v9 listens on http://127.0.0.1:${pageOne}`);
  t.equal(await ask(pageOne), 'I am: 127.0.0.1, the version is: v9\n');
  child.kill('SIGTERM');
  t.equal(await ended, 0);
});

test('testpage: what it cannot use is told in a sentence', async (t) => {
  const wrong = startTurnout(t, ['testpage'], { ERROR_RATE: '5%' });
  t.equal(await wrong.ended, 2);
  t.equal(
    wrong.output(),
    'error: ERROR_RATE must be a share from 0 to 1, for example 0.05, got "5%"\n',
  );
});

test('demo: serves, shows an edit at once, and leaves no process at Ctrl-C', async (t) => {
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { child, says, ended } = demo(t, file);
  await says('Try, in a second terminal:');
  t.equal(await ask(traffic), 'I am: 127.0.0.1, the version is: v1\n');

  writeFileSync(file, rules.replace('weight: 0', 'weight: 1').replace('weight: 1', 'weight: 0'));
  await says('users who change version: 100 % v1 → v2');
  t.equal(await ask(traffic), 'I am: 127.0.0.1, the version is: v2\n');

  writeFileSync(file, rules.replace('weight: 0', 'wieght: 0'));
  await says('did you mean "weight"?');
  t.equal(await ask(traffic), 'I am: 127.0.0.1, the version is: v2\n', 'the last good one stays');

  child.kill('SIGINT');
  t.equal(await ended, 0);
  for (const port of [traffic, pageOne, pageTwo]) t.equal(await ask(port), 'ECONNREFUSED');
});

test('demo: its pages end with it even when it is killed', async (t) => {
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { child, says, ended } = demo(t, file);
  await says('Try, in a second terminal:');
  child.kill('SIGKILL');
  await ended;
  await until(pageOne, /ECONNREFUSED/);
  await until(pageTwo, /ECONNREFUSED/);
});

test('demo: a taken port is told with what to do, and no page stays behind', async (t) => {
  const taken = createServer().listen(traffic, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { ended, output } = demo(t, file);
  t.equal(await ended, 1);
  t.equal(
    output(),
    `error: 127.0.0.1:${traffic} is taken\n  hint: stop what listens there, or name another address with --listen\n`,
  );
  t.equal(await ask(pageOne), 'ECONNREFUSED');
});

test('demo: a taken port of a version names the version and the file', async (t) => {
  const taken = createServer().listen(pageTwo, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { ended, output } = demo(t, file);
  t.equal(await ended, 1);
  t.match(output(), `error: 127.0.0.1:${pageTwo} is taken\n`);
  t.match(output(), /name another address in the url of v2 in .*routes\.yaml\n/);
  t.equal(await ask(pageOne), 'ECONNREFUSED');
});

test('whoever reads the output may stop reading', async (t) => {
  const { child, ended, output } = startTurnout(t, ['schema']);
  child.stdout?.destroy();
  t.equal(await ended, 0);
  t.equal(output(), '');
});

for (const { what, text, says } of [
  { what: 'problems', text: 'routes: 3\n', says: /:1:1: error TN2002: [\s\S]*\n2 errors\.\n$/ },
  { what: 'nothing in it', text: undefined, says: /^error: .*: there is no such file/m },
]) {
  test(`run with a document that has ${what}: said once, 2, and nothing serves`, async (t) => {
    const file = join(t.testdir(text === undefined ? {} : { 'routes.yaml': text }), 'routes.yaml');
    const run = startTurnout(t, [
      'run',
      '-c',
      file,
      '-l',
      `127.0.0.1:${traffic}`,
      '--admin',
      'off',
    ]);
    t.equal(await run.ended, 2);
    t.match(run.output(), says);
  });
}
