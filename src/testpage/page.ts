import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PageMetrics, pageMetrics } from './page-metrics.ts';
import type { PageSettings } from './page-settings.ts';

/** A testpage that serves. */
export interface Page {
  readonly host: string;
  readonly port: number;
  /** Turns unready, serves on for `drainMs`, then ends; the requests in flight are finished. */
  readonly drain: () => Promise<void>;
}

/** Far above what any proxy keeps an idle connection, so that it is never us who closes first. */
const keepAliveTimeoutMs = 600_000;

interface State {
  readonly settings: PageSettings;
  readonly metrics: PageMetrics;
  readonly random: () => number;
  phase: 'starting' | 'ready' | 'draining' | 'ending';
  orders: number;
}

interface Answer {
  readonly code: number;
  readonly body: string;
}

/**
 * Serves `I am: <ip>, the version is: <version>` on every path that has no meaning of its
 * own: the service of all examples. Resolves when it listens.
 */
export async function servePage(
  settings: PageSettings,
  random: () => number = Math.random,
): Promise<Page> {
  const metrics = pageMetrics(settings.version);
  const phase = settings.startMs > 0 ? 'starting' : 'ready';
  const state: State = { settings, metrics, random, phase, orders: 0 };
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    request.resume();
    request.once('end', () => reply(state, request, response));
  });
  const { address, port } = await listen(server, settings);
  const starting = setTimeout(() => {
    if (state.phase === 'starting') state.phase = 'ready';
  }, settings.startMs);
  return {
    host: address,
    port,
    drain: () => {
      clearTimeout(starting);
      return drain(server, state);
    },
  };
}

function listen(server: Server, { host, port }: PageSettings): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A listener on host and port has an AddressInfo, not a pipe's name.
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function reply(state: State, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const probe = probeAnswer(state, path);
  const { latencyMs } = state.settings;
  const answer = () => {
    const paged = probe ?? pageAnswer(state, path, request);
    if (probe === undefined) state.metrics.count(request.method ?? '', paged.code);
    send(response, paged, state.phase === 'ending');
  };
  if (probe !== undefined || latencyMs === 0) answer();
  else setTimeout(answer, latencyMs);
}

/** Probes and metrics answer at once, whatever latency and errors the page is to have. */
function probeAnswer(state: State, path: string): Answer | undefined {
  if (path === '/livez') return { code: 200, body: 'live\n' };
  if (path === '/metrics') return { code: 200, body: state.metrics.text() };
  if (path !== '/readyz') return undefined;
  return { code: state.phase === 'ready' ? 200 : 503, body: `${state.phase}\n` };
}

function pageAnswer(state: State, path: string, request: IncomingMessage): Answer {
  if (state.phase === 'starting') return { code: 503, body: 'starting\n' };
  const { settings, random } = state;
  const ip = settings.podIp ?? (request.socket.localAddress ?? '').replace(/^::ffff:/, '');
  const line = `I am: ${ip}, the version is: ${settings.version}\n`;
  if (random() < settings.errorRate) return { code: 500, body: line };
  if (path !== '/order') return { code: 200, body: line };
  if (request.method !== 'POST') return { code: 200, body: `${state.orders}\n` };
  state.orders += 1;
  return { code: 201, body: `${state.orders}\n` };
}

function send(response: ServerResponse, { code, body }: Answer, isLast: boolean): void {
  response.writeHead(code, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(isLast ? { connection: 'close' } : {}),
  });
  response.end(body);
}

async function drain(server: Server, state: State): Promise<void> {
  state.phase = 'draining';
  await new Promise((resolve) => setTimeout(resolve, state.settings.drainMs));
  state.phase = 'ending';
  // Closes idle connections too; busy ones end with their answer.
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
