// The proxies that Node programs use today, set up as their documentation says, 90/10.
import http from 'node:http';
import httpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';
import plainHttpProxy from 'http-proxy';

const [kind = '', portText = '', v1 = '', v2 = ''] = process.argv.slice(2);
const port = Number(portText);
const pick = () => `http://127.0.0.1:${Math.random() < 0.9 ? v1 : v2}`;

if (kind === '@fastify/http-proxy') {
  const app = Fastify({ logger: false });
  await app.register(httpProxy, {
    upstream: '',
    undici: { connections: 512, pipelining: 1 },
    replyOptions: {
      getUpstream: pick,
      rewriteRequestHeaders: (request, headers) => ({ ...headers, 'x-forwarded-for': request.ip }),
    },
  });
  await app.listen({ port, host: '127.0.0.1', backlog: 4_096 });
} else {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
  const proxy = plainHttpProxy.createProxyServer({ agent, xfwd: true });
  proxy.on('error', (_error, _request, response) => response.destroy());
  http
    .createServer((request, response) => proxy.web(request, response, { target: pick() }))
    .listen({ port, host: '127.0.0.1', backlog: 4_096 });
}
