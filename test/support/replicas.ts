import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { RouteStatus } from '../../src/core/rollout/status.ts';
import type { ApiServer } from './api-server.ts';
import { freePort } from './free-port.ts';
import { type Serving, startServing } from './turnout-process.ts';

export const token = 'Tk3n-of-the-replicas-0123456789abcdef';

/** A replica in a process of its own. */
export interface Started extends Serving {
  readonly name: string;
  readonly status: () => Promise<RouteStatus>;
  /** Tells a verb; returns the status of the answer and its message. */
  readonly act: (verb: string, body?: object) => Promise<readonly [number, string]>;
}

/** Starts so many replicas that keep their state in an API server. */
export async function startReplicas(
  t: Test,
  server: ApiServer,
  count: number,
  rules: string,
  flags: readonly string[] = [],
): Promise<readonly Started[]> {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, 'tokens');
  writeFileSync(tokenFile, `${token}\n`);
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const peers = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const started: Started[] = [];
  for (const [index, port] of ports.entries()) {
    const name = `turnout-${'abcdef'.charAt(index)}`;
    const own = ['--state', 'configmap:shop/turnout', '--peers', peers, '--replica', name];
    const admin = ['--admin-token-file', tokenFile, '--admin', `127.0.0.1:${port}`];
    const serving = await startServing(t, rules, [...own, ...admin, ...flags], env);
    started.push({ ...serving, name, ...told(port) });
  }
  return started;
}

function told(port: number): Pick<Started, 'status' | 'act'> {
  const base = `http://127.0.0.1:${port}/api/v1`;
  return {
    status: async () => (await (await fetch(`${base}/status/shop`)).json()) as RouteStatus,
    act: async (verb, body = {}) => {
      const response = await fetch(`${base}/routes/shop/actions/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { message?: string; detail?: string };
      return [response.status, answer.message ?? answer.detail ?? ''] as const;
    },
  };
}

/** A version that notes when it was asked. */
export interface Origin {
  readonly url: string;
  readonly askedAt: readonly number[];
  /** What it answers from now on. */
  status: number;
}

export async function startOrigin(t: Test): Promise<Origin> {
  const askedAt: number[] = [];
  const server = createServer((_request, response) => {
    askedAt.push(performance.now());
    response.statusCode = origin.status;
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  // It listens on a port, not on a path.
  const { port } = server.address() as AddressInfo;
  const origin: Origin = { url: `http://127.0.0.1:${port}`, askedAt, status: 200 };
  return origin;
}

/** Sends requests to all replicas, each so many a second, until the test is over. */
export function sendTo(t: Test, replicas: readonly Started[], perSecond: number): () => void {
  let isOver = false;
  const stop = () => {
    isOver = true;
  };
  t.teardown(stop);
  for (const { port } of replicas) {
    const send = async () => {
      while (!isOver) {
        const began = performance.now();
        await fetch(`http://127.0.0.1:${port}/`)
          .then((response) => response.arrayBuffer())
          // A replica may be killed meanwhile.
          .catch(() => {});
        const left = 1_000 / perSecond - (performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
      }
    };
    void send();
  }
  return stop;
}
