// The packages that Node programs use as a proxy, set up as their documentation says, 90/10:
// node bench/load/contenders/node-proxy.ts PACKAGE PORT V1 V2
import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http';
import fastifyHttpProxy from '@fastify/http-proxy';
import fastProxy from 'fast-proxy';
import Fastify from 'fastify';
import httpProxy from 'http-proxy';
import { createProxyServer } from 'httpxy';

const [kind = '', portText = '', v1 = '', v2 = ''] = process.argv.slice(2);
const listen = { port: Number(portText), host: '127.0.0.1', backlog: 4_096 };
const origins = [`http://127.0.0.1:${v1}`, `http://127.0.0.1:${v2}`] as const;
const connections = 1_024;

/** What the upstream is told of the client, where a package does not say it itself. */
function forwardedFields(address: string, host = '') {
  return {
    'x-forwarded-for': address,
    'x-forwarded-proto': 'http',
    'x-forwarded-host': host,
    'x-forwarded-port': portText,
    ...via,
  };
}

const via = { via: `1.1 ${kind.replace('@', '')}` };

function withVia<Headers extends object>(headers: Headers): Headers & typeof via {
  return { ...headers, ...via };
}

function pick<Of>([first, second]: readonly [Of, Of]): Of {
  return Math.random() < 0.9 ? first : second;
}

const agent = () => new http.Agent({ keepAlive: true, maxSockets: connections });

/** Serves requests as node:http gives them. A client's wish to close is not the upstream's. */
function serve(handle: RequestListener): void {
  const server = http.createServer((request, response) => {
    delete request.headers.connection;
    handle(request, response);
  });
  server.listen(listen);
}

async function serveFastify(): Promise<void> {
  const app = Fastify({ logger: false });
  await app.register(fastifyHttpProxy, {
    upstream: '',
    undici: { connections, pipelining: 1 },
    replyOptions: {
      getUpstream: () => pick(origins),
      rewriteRequestHeaders: ({ ip, headers: { host } }, headers) => ({
        ...headers,
        ...forwardedFields(ip, host),
      }),
      rewriteHeaders: withVia,
    },
  });
  await app.listen(listen);
}

function serveHttpProxy(): void {
  const proxy = httpProxy.createProxyServer({ agent: agent(), xfwd: true, headers: via });
  proxy.on('error', (_error, _request, response) => response.destroy());
  serve((request, response) => {
    response.setHeader('via', via.via);
    proxy.web(request, response, { target: pick(origins) });
  });
}

function serveHttpxy(): void {
  const proxy = createProxyServer({ agent: agent(), xfwd: true, headers: via });
  serve((request, response) => {
    response.setHeader('via', via.via);
    proxy.web(request, response, { target: pick(origins) }).catch(() => response.destroy());
  });
}

/** It takes one pool for each upstream, and says nothing of the client by itself. */
function serveFastProxy(): void {
  const proxies = [proxyTo(origins[0]), proxyTo(origins[1])] as const;
  serve((request, response) => {
    const { remoteAddress = '' } = request.socket;
    const rewriteRequestHeaders = (_: unknown, headers: IncomingHttpHeaders) => ({
      ...headers,
      ...forwardedFields(remoteAddress, request.headers.host),
    });
    const options = { rewriteRequestHeaders, rewriteHeaders: withVia };
    pick(proxies).proxy(request, response, request.url ?? '/', options);
  });
}

function proxyTo(base: string) {
  return fastProxy({ base, undici: { connections, pipelining: 1 } });
}

const programs: Readonly<Record<string, () => unknown>> = {
  '@fastify/http-proxy': serveFastify,
  'http-proxy': serveHttpProxy,
  httpxy: serveHttpxy,
  'fast-proxy': serveFastProxy,
};

const program = programs[kind];
if (program === undefined) throw new Error(`no program for ${kind}`);
await program();
