import net from 'node:net';

/** An origin that answers `/<id>` with the bytes laid down for it, and `/next/<id>` with that path. */
export interface ScriptedOrigin {
  readonly url: string;
  /** Lays down what is sent for an id, in pieces; `ends`: the connection ends with it. */
  readonly script: (id: string, pieces: readonly string[], ends: boolean) => void;
  /** Waits until none of its connections is open. */
  readonly left: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Script {
  readonly pieces: readonly string[];
  readonly ends: boolean;
}

export async function scriptedOrigin(): Promise<ScriptedOrigin> {
  const scripts = new Map<string, Script>();
  const sockets = new Set<net.Socket>();
  let waiting: (() => void)[] = [];

  async function answer(head: string, socket: net.Socket): Promise<void> {
    const path = /^[A-Z]+ (\S+)/.exec(head)?.[1] ?? '';
    const script = scripts.get(path.slice(1));
    if (script === undefined) {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      return;
    }
    for (const piece of script.pieces) {
      socket.write(piece, 'latin1');
      // So that each is read by itself.
      if (script.pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (script.ends) socket.end();
  }

  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let left = '';
    socket.on('data', (chunk: Buffer) => {
      left += chunk.toString('latin1');
      for (let end = left.indexOf('\r\n\r\n'); end >= 0; end = left.indexOf('\r\n\r\n')) {
        void answer(left.slice(0, end), socket);
        left = left.slice(end + 4);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const goOn of waiting) goOn();
      waiting = [];
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    script: (id, pieces, ends) => scripts.set(id, { pieces, ends }),
    left: () =>
      new Promise((resolve) => {
        if (sockets.size === 0) resolve();
        else waiting.push(resolve);
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
