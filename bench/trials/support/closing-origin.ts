// A service that closes its connections unannounced, just as they are used again: after so
// many answers, or after being idle for a random time. It counts the ids of POSTs, and tells
// its parent when asked.
//
//   node closing-origin.ts answers 20
//   node closing-origin.ts idle 12
import net from 'node:net';
import { MessageReader } from './message-reader.ts';

/** What a parent is told. */
export interface ClosingFigures {
  readonly port: number;
  readonly connections: number;
  readonly posts: number;
  /** Ids that came more than once. */
  readonly repeated: number;
}

const [after = 'answers', mostText = '20'] = process.argv.slice(2);
const most = Number(mostText);
const seen = new Set<string>();
let connections = 0;
let posts = 0;
let repeated = 0;

function count(id: string): void {
  posts++;
  if (seen.has(id)) repeated++;
  seen.add(id);
}

/** Every second connection ends with a reset. */
function close(socket: net.Socket, number: number): void {
  if (number % 2 === 0) socket.destroy();
  else socket.resetAndDestroy();
}

const server = net.createServer({ noDelay: true }, (socket) => {
  const number = connections++;
  const reader = new MessageReader();
  let answers = 0;
  let idle: NodeJS.Timeout | undefined;
  socket.on('error', () => {});
  socket.on('close', () => clearTimeout(idle));
  socket.on('data', (chunk: Buffer) => {
    clearTimeout(idle);
    reader.read(chunk);
    // What comes behind the last answer is not read by a service that has closed.
    if (!reader.isWhole || socket.writableEnded) return;
    if (reader.startLine.startsWith('POST')) count(reader.field('x-id') ?? '');
    reader.next();
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    if (after === 'idle') idle = setTimeout(() => close(socket, number), Math.random() * most);
    else if (++answers >= most) socket.end();
  });
});

server.listen(0, '127.0.0.1', 4_096, () => {
  const { port } = server.address() as net.AddressInfo;
  const figures = (): ClosingFigures => ({ port, connections, posts, repeated });
  process.on('message', () => process.send?.(figures()));
  process.send?.(figures());
});
process.on('disconnect', () => process.exit());
