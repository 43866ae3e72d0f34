import net from 'node:net';
import { test } from 'tap';
import { stalled, wholeBytes, writePattern } from '../support/big-body.ts';
import { sendAll } from '../support/pipelining-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { startProxy } from '../support/start-proxy.ts';

/** Counts bytes and those that are not what the pattern says at their place. */
class Checker {
  received = 0;
  wrong = 0;

  take(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte !== this.received % 251) this.wrong++;
      this.received++;
    }
  }
}

function rules(big: string, small: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: big
    match: { path: /big }
    versions: { v1: { url: "${big}" } }
  - name: small
    versions: { v1: { url: "${small}" } }
`;
}

for (const reading of ['borrowed', 'events'] as const) {
  test(`a client that does not read stops its upstream, and nobody else (${reading} reads)`, async (t) => {
    let sender: net.Socket | undefined;
    const big = await rawOrigin(({ socket }) => {
      sender = socket;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${wholeBytes}\r\n\r\n`);
      writePattern(socket);
    });
    const small = await rawOrigin(answering(response('#'.repeat(60_000))));
    const proxy = await startProxy(rules(big.url, small.url), { reading });
    const client = net.connect(proxy.port, '127.0.0.1');
    t.teardown(async () => {
      client.destroy();
      proxy.close();
      await Promise.all([big.close(), small.close()]);
    });
    client.pause();
    client.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
    await big.until(([first]) => first?.received.endsWith('\r\n\r\n') ?? false);
    const taken = await stalled(sender as unknown as net.Socket);
    t.ok(taken < wholeBytes / 2, `${taken} bytes are on the way, the rest waits at the origin`);

    // Meanwhile the buffers that the slow one still needs are not written over: what was not
    // taken of them is their end, so the others' answers are about as long.
    let served = 0;
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    await sendAll(
      proxy.port,
      500,
      () => request,
      (_index, { body }) => {
        if (body === '#'.repeat(60_000)) served++;
      },
    );
    t.equal(served, 500);

    const checker = new Checker();
    let head = '';
    await new Promise<void>((resolve) => {
      client.on('data', (chunk: Buffer) => {
        if (head.includes('\r\n\r\n')) checker.take(chunk);
        else {
          head += chunk.toString('latin1');
          const end = head.indexOf('\r\n\r\n') + 4;
          if (end > 3) checker.take(Buffer.from(head.slice(end), 'latin1'));
        }
        if (checker.received >= wholeBytes) resolve();
      });
      client.resume();
    });
    t.equal(checker.received, wholeBytes);
    t.equal(checker.wrong, 0, 'every byte is at its place');
    t.same(proxy.bugs, []);
  });

  test(`an upstream that does not read stops its client (${reading} reads)`, async (t) => {
    const checker = new Checker();
    let receiver: net.Socket | undefined;
    let head = '';
    const server = net.createServer((socket) => {
      receiver = socket;
      socket.on('error', () => {});
      socket.once('data', (first: Buffer) => {
        head = first.toString('latin1');
        checker.take(first.subarray(head.indexOf('\r\n\r\n') + 4));
        socket.pause();
        socket.on('data', (chunk: Buffer) => {
          checker.take(chunk);
          if (checker.received >= wholeBytes) socket.write(response('got it'));
        });
        socket.pause();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const proxy = await startProxy(rules(`http://127.0.0.1:${port}`, 'http://127.0.0.1:9'), {
      reading,
    });
    const client = net.connect(proxy.port, '127.0.0.1');
    t.teardown(() => {
      client.destroy();
      proxy.close();
      receiver?.destroy();
      server.close();
    });
    let answer = '';
    client.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    client.write(`PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: ${wholeBytes}\r\n\r\n`);
    writePattern(client);
    const taken = await stalled(client);
    t.ok(taken < wholeBytes / 2, `${taken} bytes are on the way, the rest waits at the client`);
    receiver?.resume();
    await new Promise<void>((resolve) =>
      client.on('data', () => answer.endsWith('got it') && resolve()),
    );
    t.equal(checker.received, wholeBytes);
    t.equal(checker.wrong, 0, 'every byte is at its place');
    t.same(proxy.bugs, []);
  });
}
