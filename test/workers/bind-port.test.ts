import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'tap';
import {
  type BoundPort,
  bindByHandle,
  bindBySocket,
  bindPort,
} from '../../src/workers/bind-port.ts';

const host = '127.0.0.1';
const ways: { readonly way: string; readonly bind: (port: number) => BoundPort }[] = [
  { way: 'as Node did before 26.4', bind: (port) => bindByHandle(host, port, 4) },
];
if ('BoundSocket' in net) {
  ways.push({ way: 'as Node does since', bind: (port) => bindBySocket(host, port) });
}

for (const { way, bind } of ways) {
  test(`${way}: whoever listens through the descriptor takes what comes to the port`, async (t) => {
    // The server closes it: here both are in one process.
    const bound = bind(0);
    t.match(bound, { address: host, port: Number });
    const server = net.createServer((socket) => socket.end('hello'));
    server.listen({ fd: bound.fd });
    await once(server, 'listening');
    t.match(server.address(), { address: host, port: bound.port });
    t.equal(await text(net.connect(bound.port, host)), 'hello');
    server.close();
  });

  test(`${way}: a port that is taken is told as a server tells it`, async (t) => {
    const server = net.createServer().listen(0, host);
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    t.throws(() => bind(port), { code: 'EADDRINUSE', port });
  });

  test(`${way}: it may be closed twice`, async (t) => {
    const bound = bind(0);
    bound.close();
    t.doesNotThrow(() => bound.close());
  });
}

test('names are looked up, and errors have the port', async (t) => {
  const bound = await bindPort({ host: 'localhost', port: 0 });
  t.match(bound.address, /^(127\.0\.0\.1|::1)$/);
  bound.close();
  await t.rejects(bindPort({ host: '192.0.2.1', port: 8_080 }), {
    code: 'EADDRNOTAVAIL',
    port: 8_080,
  });
});
