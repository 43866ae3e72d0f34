// A service of its own process, which can be killed: answers with as many bytes as `?bytes=`
// asks for, after `?wait=` milliseconds, and says its name.
//
//   node endpoint.ts PORT NAME
import net from 'node:net';
import { MessageReader } from './message-reader.ts';

const [portText = '0', name = 'v1'] = process.argv.slice(2);
const filling = Buffer.alloc(1024 * 1024, 'x');

function answer(target: string): Buffer {
  const bytes = Number(/[?&]bytes=(\d+)/.exec(target)?.[1] ?? 0);
  const head = `HTTP/1.1 200 OK\r\nX-Endpoint: ${name}\r\nContent-Length: ${bytes}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), filling.subarray(0, bytes)]);
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
