// A service of its own process, which can be killed: answers with as many bytes as `?bytes=`
// asks for, after `?wait=` milliseconds, and says its name. Of what it was asked before it tells at
// `/told`: how many requests, and when the last one came.
//
//   node endpoint.ts PORT NAME [SHARE OF ERRORS]
import net from 'node:net';
import { MessageReader } from './message-reader.ts';

const [portText = '0', name = 'v1', errorsText = '0'] = process.argv.slice(2);
const filling = Buffer.alloc(1024 * 1024, 'x');
const errors = Number(errorsText);
let requests = 0;
let lastAt = 0;

function answer(target: string): Buffer {
  if (target === '/told') return said(200, Buffer.from(JSON.stringify({ requests, lastAt })));
  requests += 1;
  lastAt = performance.timeOrigin + performance.now();
  const bytes = Number(/[?&]bytes=(\d+)/.exec(target)?.[1] ?? 0);
  return said(Math.random() < errors ? 500 : 200, filling.subarray(0, bytes));
}

function said(status: number, body: Buffer): Buffer {
  const what = status === 200 ? '200 OK' : '500 Internal Server Error';
  const head = `HTTP/1.1 ${what}\r\nX-Endpoint: ${name}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

const server = net.createServer({ noDelay: true }, (socket) => {
  const reader = new MessageReader();
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    reader.read(chunk);
    if (!reader.isWhole) return;
    const [, target = ''] = reader.startLine.split(' ');
    reader.next();
    const waitMs = Number(/[?&]wait=(\d+)/.exec(target)?.[1] ?? 0);
    if (waitMs === 0) socket.write(answer(target));
    else setTimeout(() => socket.write(answer(target)), waitMs);
  });
});
server.listen({ port: Number(portText), host: '127.0.0.1', backlog: 4_096 }, () => {
  // The parent waits for this line.
  process.stdout.write('listens\n');
});
