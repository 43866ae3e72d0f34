import net from 'node:net';

/** A response with Content-Length, as far as tests look at it. */
export interface Response {
  readonly status: number;
  /** Field lines as received. */
  readonly head: string;
  readonly body: string;
}

const depth = 32;

/**
 * Sends requests without bodies over one connection, up to 32 on their way at a time, and
 * hands over each response with the index of its request. Rejects at the first byte that
 * is not a whole response, and when the connection ends early.
 */
export function sendAll(
  port: number,
  count: number,
  requestAt: (index: number) => string,
  onResponse: (index: number, response: Response) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    let sent = 0;
    let answered = 0;
    let text = '';
    const fail = (reason: string) => {
      socket.destroy();
      reject(
        new Error(
          `${reason} after ${answered} of ${count} responses: ${JSON.stringify(text.slice(0, 300))}`,
        ),
      );
    };
    const send = () => {
      let bytes = '';
      while (sent < count && sent - answered < depth) bytes += requestAt(sent++);
      if (bytes !== '') socket.write(bytes, 'latin1');
    };
    const take = (): boolean => {
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd < 0) return false;
      const head = text.slice(0, headEnd);
      const length = Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? Number.NaN);
      const end = headEnd + 4 + length;
      if (Number.isNaN(length)) fail('no Content-Length');
      if (!(text.length >= end)) return false;
      const response = {
        status: Number(head.slice(9, 12)),
        head,
        body: text.slice(headEnd + 4, end),
      };
      text = text.slice(end);
      onResponse(answered++, response);
      return true;
    };
    socket.on('connect', send);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      while (take());
      if (answered < count) send();
      else if (text !== '') fail('bytes behind the last response');
      else {
        socket.destroy();
        resolve();
      }
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => {
      if (answered < count) fail('the connection ended');
    });
  });
}
