import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Test, test } from 'tap';
import WebSocket, { WebSocketServer } from 'ws';
import { eventually } from '../support/eventually.ts';
import { startServing } from '../support/turnout-process.ts';

/** A version that says its name, to requests and to WebSockets. */
async function version(t: Test, name: string) {
  const server = http.createServer((_request, response) => response.end(name));
  const sockets = new WebSocketServer({ server });
  const codes: number[] = [];
  sockets.on('connection', (socket) => {
    socket.send(name);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('close', (code) => codes.push(code));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, codes, open: sockets.clients };
}

function rulesFor(v1: string, v2: string, state = 'active'): string {
  return `apiVersion: turnout/v1
routes:
  - name: chat
    unit: header:x-user-id
    versions:
      v1: { url: "${v1}" }
      v2: { url: "${v2}", state: ${state} }
`;
}

interface Client {
  readonly socket: WebSocket;
  readonly version: string;
  /** The code of the Close that ends it. */
  readonly closed: Promise<number>;
}

/** Opens a WebSocket for a user, which the version has greeted. */
async function socketFor(t: Test, port: number, user: string): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { 'x-user-id': user } });
  t.teardown(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const [greeting] = await once(socket, 'message');
  return { socket, version: String(greeting), closed };
}

const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);

test('a user has the same version by request and by WebSocket, and after a rollback none has the bad one', async (t) => {
  const [v1, v2] = await Promise.all([version(t, 'v1'), version(t, 'v2')]);
  const { port, adminPort, rulesFile } = await startServing(t, rulesFor(v1.url, v2.url));
  const metrics = async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const shows = (line: string) =>
    eventually(async () => (await metrics()).includes(`\n${line}\n`), line);

  const clients = await Promise.all(users.map((user) => socketFor(t, port, user)));
  for (const [index, user] of users.entries()) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-user-id': user } });
    t.equal(clients[index]?.version, await response.text(), user);
  }
  const ofV2 = clients.filter((client) => client.version === 'v2');
  t.ok(ofV2.length > 5 && ofV2.length < 35, `${ofV2.length} of 40 have v2`);
  await shows(`turnout_tunnels{route="chat",version="v2"} ${ofV2.length}`);
  await shows(`turnout_in_flight_requests{route="chat",version="v2"} ${ofV2.length}`);
  await shows(
    `turnout_requests_total{method="GET",code="101",route="chat",version="v2"} ${ofV2.length}`,
  );
  const lasted = /^turnout_request_duration_seconds_sum\{(?=.*"1xx")(?=.*"v2").*\} (\S+)$/m;
  const seconds = Number(lasted.exec(await metrics())?.[1]);
  t.ok(seconds > 0 && seconds < 60 * ofV2.length, `${seconds} s to the 101s, not longer`);

  writeFileSync(rulesFile, rulesFor(v1.url, v2.url, 'disabled'));
  t.same(
    await Promise.all(ofV2.map(({ closed }) => closed)),
    ofV2.map(() => 1_001),
  );
  await eventually(() => v2.open.size === 0, 'the version has none left');
  t.same(
    v2.codes,
    ofV2.map(() => 1_001),
    'and was told so',
  );
  await shows('turnout_tunnels{route="chat",version="v2"} 0');
  await shows('turnout_in_flight_requests{route="chat",version="v2"} 0');
  await shows(
    `turnout_tunnels_ended_total{reason="version_left",route="chat",version="v2"} ${ofV2.length}`,
  );
  t.equal((await socketFor(t, port, users[0] ?? '')).version, 'v1');
  const stayed = clients.filter((client) => client.version === 'v1');
  for (const { socket } of stayed) {
    socket.send('still there');
    const [echo] = await once(socket, 'message');
    t.equal(String(echo), 'still there');
  }
});

for (const workers of ['1', '2']) {
  test(`SIGTERM tells every WebSocket to go, and the process ends with 0 (${workers} workers)`, async (t) => {
    const [v1, v2] = await Promise.all([version(t, 'v1'), version(t, 'v2')]);
    const flags = ['--drain-delay', '0', '--drain-timeout', '20s', '--workers', workers];
    const turnout = await startServing(t, rulesFor(v1.url, v2.url), flags);
    const clients = await Promise.all(users.map((user) => socketFor(t, turnout.port, user)));
    turnout.child.kill('SIGTERM');
    t.same(
      await Promise.all(clients.map(({ closed }) => closed)),
      clients.map(() => 1_001),
    );
    t.equal(await turnout.ended, 0);
    t.match(turnout.output(), /"event\.name":"process_ended".*"cut":0/);
    t.same(
      [...v1.codes, ...v2.codes],
      clients.map(() => 1_001),
    );
  });
}
