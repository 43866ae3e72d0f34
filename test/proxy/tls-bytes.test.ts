import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'tap';
import { authority, certificate, served } from '../support/certificates.ts';
import { startProxy } from '../support/start-proxy.ts';

const wholeBytes = 5 * 1024 * 1024;
const atOnce = 6;
const ca = authority();
const edge = certificate({ names: ['localhost'], issuer: ca });
const origin = certificate({ names: ['127.0.0.1'], issuer: ca });

/** Numbers that look like chance, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The bytes of one body; those of another seed are others at nearly every place. */
function bytesFrom(start: number, length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = ((start + at) * (2 * seed + 1) + seed) % 251;
  return bytes;
}

/** Writes a body in pieces of any size, with a pause now and then. */
async function writeBody(stream: Writable, seed: number): Promise<void> {
  const any = numbers(seed);
  for (let sent = 0; sent < wholeBytes; ) {
    const length = Math.min(wholeBytes - sent, 1 + any(any(4) === 0 ? 200_000 : 20_000));
    if (!stream.write(bytesFrom(sent, length, seed))) await once(stream, 'drain');
    sent += length;
    if (any(30) === 0) await wait(any(5));
  }
}

/** Reads a body with pauses. Returns its length and how many bytes are not what they should be. */
async function readBody(stream: Readable, seed: number) {
  const any = numbers(seed + 1);
  let length = 0;
  let wrong = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!chunk.equals(bytesFrom(length, chunk.length, seed))) wrong++;
    length += chunk.length;
    // Longer than what buffers on the way take.
    if (any(40) === 0) await wait(any(20));
  }
  return { length, wrong };
}

const right = { length: wholeBytes, wrong: 0 };

for (const reading of ['borrowed', 'events'] as const) {
  test(`bodies pass TLS on both sides as they are, with pauses everywhere (${reading} reads)`, async (t) => {
    const uploads: unknown[] = [];
    const server = https.createServer(
      { cert: origin.cert, key: origin.key },
      async (request, response) => {
        const seed = Number(request.headers['x-seed']);
        uploads.push(await readBody(request, seed));
        // Without a length: in chunks.
        if (seed % 2 === 0) response.setHeader('content-length', wholeBytes);
        await writeBody(response, seed + 100);
        response.end();
      },
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const folder = t.testdir({ 'ca.pem': ca.cert });
    const proxy = await startProxy(
      `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "https://127.0.0.1:${port}", tls: { ca: ${folder}/ca.pem } } }
`,
      { reading, certificates: served(edge) },
    );
    const agent = new https.Agent({ keepAlive: true, ca: ca.cert });
    t.teardown(() => {
      agent.destroy();
      proxy.close();
      server.closeAllConnections();
      server.close();
    });
    const exchange = async (seed: number) => {
      const request = https.request({
        host: 'localhost',
        port: proxy.port,
        family: 4,
        method: 'POST',
        agent,
        headers: { 'x-seed': seed, ...(seed % 3 === 0 ? {} : { 'content-length': wholeBytes }) },
      });
      const responded = once(request, 'response') as Promise<[Readable]>;
      await writeBody(request, seed);
      request.end();
      const [response] = await responded;
      return readBody(response, seed + 100);
    };
    for (const round of [1, 2]) {
      const downloads = await Promise.all(
        Array.from({ length: atOnce }, (_, index) => exchange(round * 10 + index)),
      );
      t.same(downloads, Array(atOnce).fill(right));
    }
    t.same(uploads, Array(2 * atOnce).fill(right));
    t.same(proxy.bugs, []);
    t.ok(proxy.open() <= atOnce, 'connections of clients were kept');
  });
}
