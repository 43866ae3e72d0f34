import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A proxy to be measured: 90/10 between two upstreams, X-Forwarded-For, keep-alive, no access log. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface Ports {
  readonly proxy: number;
  readonly v1: number;
  readonly v2: number;
}

const here = import.meta.dirname;
const node = process.execPath;

function isInstalled(command: string): boolean {
  return spawnSync('which', [command]).status === 0;
}

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'turnout-bench-')), name);
  writeFileSync(path, text);
  return path;
}

function turnout({ proxy, v1, v2 }: Ports): Contender {
  const rules = file(
    'routes.yaml',
    `apiVersion: turnout/v1
routes:
  - name: api
    match: { path: /api }
    versions: { v1: { url: "http://127.0.0.1:${v1}" } }
  - name: static
    match: { host: "static.example.com" }
    versions: { v1: { url: "http://127.0.0.1:${v1}" } }
  - name: bench
    audiences:
      - { name: insiders, when: { cookie: { insider: "yes" } }, version: v2 }
      - { name: beta-api, when: { header: { x-api-version: { prefix: v2 } } }, version: v2 }
    versions:
      v1: { url: "http://127.0.0.1:${v1}", weight: 90 }
      v2: { url: "http://127.0.0.1:${v2}", weight: 10 }
`,
  );
  const main = join(here, '../../src/main.ts');
  return {
    name: 'turnout',
    version: '',
    command: node,
    args: [
      main,
      'run',
      '--rules',
      rules,
      '--listen',
      `127.0.0.1:${proxy}`,
      '--admin',
      'off',
      '--log-level',
      'error',
    ],
  };
}

function nginx({ proxy, v1, v2 }: Ports): Contender {
  const config = file(
    'nginx.conf',
    `worker_processes 1;
daemon off;
pid /tmp/turnout-bench-nginx.pid;
error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  upstream both { server 127.0.0.1:${v1} weight=9; server 127.0.0.1:${v2} weight=1; keepalive 512; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${proxy} backlog=4096;
    location / {
      proxy_pass http://both;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`,
  );
  const version = spawnSync('nginx', ['-v']).stderr.toString().trim().split('/')[1] ?? '';
  return { name: 'nginx', version, command: 'nginx', args: ['-c', config] };
}

function nodeProxy(name: string, ports: Ports): Contender {
  const { proxy, v1, v2 } = ports;
  return {
    name,
    version: '',
    command: node,
    args: [join(here, 'node-proxy.ts'), name, String(proxy), String(v1), String(v2)],
  };
}

/** Returns what can be measured here, and says what cannot. */
export function contenders(ports: Ports): Contender[] {
  const list = [turnout(ports)];
  if (isInstalled('nginx')) list.push(nginx(ports));
  else process.stderr.write('nginx is not installed and left out: apt-get install nginx-light\n');
  list.push(nodeProxy('@fastify/http-proxy', ports), nodeProxy('http-proxy', ports));
  return list;
}
