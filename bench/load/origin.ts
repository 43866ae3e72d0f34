// The service behind every contender: answers GET / with a body of SIZE bytes, as cheaply as Node can.
import net from 'node:net';

const [portText = '0', sizeText = '1024', name = 'v1'] = process.argv.slice(2);
const body = name.padEnd(Number(sizeText), '.');
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'latin1',
);
const blankLine = Buffer.from('\r\n\r\n');

net
  .createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      // Heads of a benchmark arrive whole; one answer for each.
      for (let at = chunk.indexOf(blankLine); at >= 0; at = chunk.indexOf(blankLine, at + 4)) {
        socket.write(response);
      }
    });
  })
  .listen({ port: Number(portText), host: '127.0.0.1', backlog: 4_096 }, () => {
    process.stdout.write('ready\n');
  });
