import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { type Test, test } from 'tap';
import { authority, certificate } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { type Serving, startServing } from '../support/turnout-process.ts';

const ca = authority();
const before = certificate({ names: ['localhost'], issuer: ca });
const after = certificate({ names: ['localhost', 'new.example'], issuer: ca });
const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

interface Met {
  /** The whole answer. */
  readonly answer: string;
  /** Whether it was shown the new certificate. */
  readonly isNew: boolean;
  readonly isReused: boolean;
  readonly session: Buffer | undefined;
}

/** Connects once, asks once. */
async function meet(port: number, session?: Buffer): Promise<Met> {
  const options = { host: '127.0.0.1', port, ca: ca.cert, servername: 'localhost' };
  const socket = tls.connect(session === undefined ? options : { ...options, session });
  let given: Buffer | undefined;
  socket.on('session', (bytes: Buffer) => {
    given = bytes;
  });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  const isReused = socket.isSessionReused();
  socket.write(request);
  const answer = await text(socket);
  return { answer, isNew: subjectaltname.includes('new.example'), isReused, session: given };
}

/** Kills every worker; resolves when others have their places. */
async function replaceAll(serving: Serving): Promise<void> {
  const workers = async () => {
    const answer = await fetch(`http://127.0.0.1:${serving.adminPort}/api/v1/workers`);
    const { workers } = (await answer.json()) as {
      readonly workers: readonly { readonly pid: number; readonly state: string }[];
    };
    return workers;
  };
  const old = (await workers()).map(({ pid }) => pid);
  for (const pid of old) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    const now = (await workers()).filter(({ state }) => state === 'serving');
    return now.length === old.length && now.every(({ pid }) => !old.includes(pid));
  }, 'all workers are new');
}

async function startSecurely(t: Test) {
  const folder = t.testdir({ 'tls.crt': before.cert, 'tls.key': before.key, 'ca.pem': ca.cert });
  const path = (name: string) => join(folder, name);
  const origin = await rawOrigin(answering(response('hello')), {
    cert: before.cert,
    key: before.key,
  });
  t.teardown(() => origin.close());
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { url: "${origin.url}", tls: { ca: ${path('ca.pem')}, serverName: localhost } }
`;
  const flags = ['--tls-cert', path('tls.crt'), '--tls-key', path('tls.key'), '--workers', '2'];
  return { path, serving: await startServing(t, rules, flags) };
}

test('whichever worker a client comes to: the same certificate, and its session goes on', async (t) => {
  const { path, serving } = await startSecurely(t);
  const { answer, session } = await meet(serving.port);
  t.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*hello$/);
  for (let n = 0; n < 20; n++) {
    const met = await meet(serving.port, session);
    t.ok(met.isReused, 'resumed');
    t.match(met.answer, /hello$/);
  }
  writeFileSync(path('tls.crt'), after.cert);
  writeFileSync(path('tls.key'), after.key);
  await eventually(async () => {
    const met = await Promise.all(Array.from({ length: 20 }, () => meet(serving.port)));
    return met.every(({ isNew }) => isNew);
  }, 'all show the new one');
});

test('a worker that starts while files are not good has what the others have', async (t) => {
  const { path, serving } = await startSecurely(t);
  writeFileSync(path('tls.key'), after.key);
  await serving.says(/"certificate_refused".*tls\.crt/);
  writeFileSync(path('ca.pem'), 'no authority');
  await serving.says(/"certificate_refused".*ca\.pem/);
  await replaceAll(serving);
  for (let n = 0; n < 10; n++) {
    const { answer, isNew } = await meet(serving.port);
    t.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*hello$/);
    t.notOk(isNew);
  }
});
