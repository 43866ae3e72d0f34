import { once } from 'node:events';
import https from 'node:https';
import type net from 'node:net';
import { type Test, test } from 'tap';
import WebSocket, { WebSocketServer } from 'ws';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { authority, certificate, served } from '../support/certificates.ts';
import { startProxy } from '../support/start-proxy.ts';
import { messages, talk } from '../support/talk.ts';

const ca = authority();
const shop = certificate({ names: ['shop.example', '127.0.0.1'], issuer: ca });

/** A server of WebSockets that sends the first stream of messages and takes the second one. */
async function talkingServer(t: Test, isSecure: boolean) {
  const options = { perMessageDeflate: true };
  const web = isSecure ? https.createServer({ cert: shop.cert, key: shop.key }) : undefined;
  const server =
    web === undefined
      ? new WebSocketServer({ ...options, host: '127.0.0.1', port: 0 })
      : new WebSocketServer({ ...options, server: web.listen(0, '127.0.0.1') });
  const right = new Promise<number>((resolve, reject) => {
    server.on('connection', (socket) => talk(socket, 1, 2).then(resolve, reject));
  });
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    web?.close();
  });
  await once(web ?? server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return { right, url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}` };
}

for (const { isSecure, over } of [
  { isSecure: false, over: 'plain connections' },
  { isSecure: true, over: 'TLS on both sides' },
]) {
  for (const reading of ['borrowed', 'events'] as const satisfies readonly ReadingBy[]) {
    test(`${messages} messages each way, of any size and with pauses, come as they were sent (${over}, ${reading} reads)`, async (t) => {
      const { right, url } = await talkingServer(t, isSecure);
      const rules = `apiVersion: turnout/v1
routes:
  - name: chat
    versions: { v1: { url: "${url}"${isSecure ? ', tls: { verify: false }' : ''} } }
`;
      const tls = isSecure ? { certificates: served(shop) } : {};
      const proxy = await startProxy(rules, { reading, ...tls });
      const scheme = isSecure ? 'wss' : 'ws';
      const socket = new WebSocket(`${scheme}://127.0.0.1:${proxy.port}/`, [], { ca: ca.cert });
      t.teardown(() => {
        socket.terminate();
        proxy.close();
      });
      await once(socket, 'open');
      t.same(await Promise.all([talk(socket, 2, 1), right]), [messages, messages]);
      t.same(proxy.bugs, []);
    });
  }
}
