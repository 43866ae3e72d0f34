import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { Agent } from 'undici';
import { type TurnoutOptions, turnout } from '../../src/fastify/plugin.ts';

/** What a version says of the request it got. */
export interface Echo {
  readonly version: string;
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, as received. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface Upstream {
  readonly url: string;
  readonly server: Server;
  /** Requests that have come in. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a version on a free port; without `answer` it says what it got. */
export async function upstream(version: string, answer?: Answer): Promise<Upstream> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    if (answer === undefined) echo(version, request, response);
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function echo(version: string, request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('latin1').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    const { method = '', url = '', rawHeaders: headers } = request;
    response.setHeader('x-version', version);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ version, method, url, headers, body } satisfies Echo));
  });
}

/** Returns a port nothing listens on: it was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await upstream('dead');
  await close();
  return url;
}

export interface Sent {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** What the version got; throws where no version answered. */
  readonly echo: () => Echo;
  readonly version: string | string[] | undefined;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'DELETE' | 'OPTIONS' | 'PATCH';
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

export interface Service {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly call: (path: string, call?: Call) => Promise<Sent>;
  readonly close: () => Promise<void>;
}

/** Starts a Fastify service with the plugin; `also` adds what the service has of its own. */
export async function service(
  options: TurnoutOptions,
  also: (app: FastifyInstance) => void = () => {},
): Promise<Service> {
  const app = Fastify();
  await app.register(turnout, options);
  also(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const agent = new Agent();
  const call = async (path: string, { method = 'GET', headers = {}, body }: Call = {}) => {
    const response = await agent.request({
      origin: url,
      path,
      method,
      headers,
      body: body ?? null,
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      echo: () => JSON.parse(text) as Echo,
      version: response.headers['x-version'],
    };
  };
  const close = async () => {
    await agent.destroy();
    await app.close();
  };
  return { app, port: Number(new URL(url).port), call, close };
}

/** Returns the values of a field that a version got. */
export function valuesOf({ headers }: Echo, name: string): readonly string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name);
}

/** Registers the plugin in a service that nobody is to call; rejects as the registration does. */
export async function registering(
  options: TurnoutOptions,
  app: FastifyInstance = Fastify(),
): Promise<void> {
  try {
    await app.register(turnout, options);
  } finally {
    await app.close();
  }
}
