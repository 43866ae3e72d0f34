import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CanonicalRequest } from '../support/canonical-request.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { RawClient } from '../support/raw-client.ts';

/** Programs that can read what is forwarded as well, each as an origin that tells what it has read. */
export const readerNames = ['nginx', 'haproxy'] as const;
export type ReaderName = (typeof readerNames)[number];

/** What a reader makes of requests: the same, or it refuses one of them, or something else. */
export type Verdict =
  | { readonly kind: 'alike' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'otherwise'; readonly what: string };

export interface Reader {
  readonly name: ReaderName;
  readonly read: (bytes: string, requests: readonly CanonicalRequest[]) => Promise<Verdict>;
  readonly close: () => Promise<void>;
}

interface Program {
  readonly args: (config: string) => readonly string[];
  readonly config: (port: number, folder: string) => string;
}

const programs: Readonly<Record<ReaderName, Program>> = {
  nginx: {
    args: (config) => ['-c', config],
    config: (port, folder) => `worker_processes 1;
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  large_client_header_buffers 8 64k;
  client_max_body_size 0;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "$request_method $request_uri $content_length"; }
  }
}
`,
  },
  haproxy: {
    args: (config) => ['-f', config],
    config: (port) => `global
  tune.http.maxhdr 256
  tune.bufsize 65536
defaults
  mode http
  timeout client 10s
  timeout connect 1s
  timeout server 10s
frontend reader
  bind 127.0.0.1:${port}
  option http-buffer-request
  http-request return status 200 content-type text/plain lf-string "%[method] %[url] %[req.hdr(content-length)]"
`,
  },
};

export function isInstalled(name: ReaderName): boolean {
  return spawnSync('which', [name]).status === 0;
}

/** Starts a program as a reader. */
export async function startReader(name: ReaderName): Promise<Reader> {
  const { args, config } = programs[name];
  const folder = mkdtempSync(join(tmpdir(), `turnout-fuzz-${name}-`));
  const port = await freePort();
  const file = join(folder, 'config');
  writeFileSync(file, config(port, folder));
  const child = spawn(name, args(file), { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await eventually(() => accepts(port), `${name} listens`);
  return {
    name,
    read: (bytes, requests) => read(port, bytes, requests),
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return RawClient.connect(port).then(
    (client) => {
      client.destroy();
      return true;
    },
    () => false,
  );
}

/** Comes last: with its answer the connection ends, and nothing may have come between. */
const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

async function read(
  port: number,
  bytes: string,
  requests: readonly CanonicalRequest[],
): Promise<Verdict> {
  const client = await RawClient.connect(port);
  client.write(bytes + last);
  await client.ends();
  client.destroy();
  const received = client.received.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '');
  const expected = [...requests, { method: 'GET', target: '/last', body: '' }];
  let at = 0;
  for (const request of expected) {
    const answer = answerAt(received, at, request.method === 'HEAD');
    if (answer === undefined) break;
    if (answer.status !== 200) return { kind: 'refused', status: answer.status };
    if (!isOf(answer.body, request)) break;
    at = answer.end;
    if (request.target === '/last' && at === received.length) return { kind: 'alike' };
  }
  const wanted = expected.map(({ method, target, body }) => `${method} ${target} ${body.length}`);
  return {
    kind: 'otherwise',
    what: `${JSON.stringify(received)} instead of ${wanted.join(', ')}`,
  };
}

interface Told {
  readonly status: number;
  readonly body: string;
  readonly end: number;
}

function answerAt(text: string, start: number, isHead: boolean): Told | undefined {
  const bodyStart = text.indexOf('\r\n\r\n', start) + 4;
  const head = text.slice(start, bodyStart);
  const [, digits] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
  const [, length] = /^content-length: (\d+)\r$/im.exec(head) ?? [];
  if (digits === undefined || length === undefined) return undefined;
  const end = bodyStart + (isHead ? 0 : Number(length));
  return { status: Number(digits), body: text.slice(bodyStart, end), end };
}

/** Whether an answer tells of this request. The length of chunks is not told. */
function isOf(
  told: string,
  { method, target, body }: Pick<CanonicalRequest, 'method' | 'target' | 'body'>,
): boolean {
  if (method === 'HEAD') return told === '';
  const before = `${method} ${target} `;
  if (!told.startsWith(before)) return false;
  const said = told.slice(before.length);
  return said === '' || said === '0' || said === String(body.length);
}
