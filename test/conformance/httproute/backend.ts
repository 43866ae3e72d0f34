import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a backend has seen of a request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Backend {
  readonly url: string;
  /** How many requests have come, copies among them. */
  readonly count: () => number;
  readonly close: () => void;
}

/**
 * Starts a server that answers with its name and what it has seen. A query may ask it to wait
 * before the head (`wait`) or behind it (`drip`), in milliseconds, or to fail so many times first.
 */
export async function startBackend(name: string): Promise<Backend> {
  let count = 0;
  const failed = new Map<string, number>();
  const server = createServer((request, response) => {
    count += 1;
    request.resume();
    request.once('end', () => answer(name, request, response, failed));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listener on host and port has an AddressInfo, not a pipe's name.
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, count: () => count, close };
}

function answer(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  failed: Map<string, number>,
): void {
  const { method = '', url = '', headers } = request;
  const { searchParams } = new URL(url, 'http://backend');
  const asked = (key: string) => Number(searchParams.get(key) ?? 0);
  const failures = failed.get(url) ?? 0;
  const fails = failures < asked('times');
  failed.set(url, failures + 1);
  const seen: SeenRequest = { method, url, headers };
  const body = JSON.stringify({ name, seen });
  setTimeout(() => {
    response.writeHead(fails ? asked('fail') : 200, {
      'content-length': Buffer.byteLength(body),
      'x-origin': name,
    });
    response.flushHeaders();
    setTimeout(() => response.end(body), asked('drip')).unref();
  }, asked('wait')).unref();
}
