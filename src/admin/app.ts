import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { gatekeeper } from './access.ts';
import { documentApi } from './document-api.ts';
import { guardHeaders, isHostAllowed } from './guard.ts';
import { mirrorJson } from './mirror-json.ts';
import { overlaysApi } from './overlays-api.ts';
import { peersApi } from './peers-api.ts';
import type { AdminPorts } from './ports.ts';
import { problemJson, sendProblem } from './problem-json.ts';
import { readiness } from './readiness.ts';
import { rolloutsApi } from './rollouts-api.ts';
import { snapshotJson } from './snapshot-json.ts';
import { workerJson } from './worker-json.ts';

export type Admin = FastifyInstance;

/**
 * Returns the admin listener's application, not listening yet.
 *
 * Health, metrics and what is in force: whoever may reach it may look. Rollouts can be told something,
 * weights set for a while and a document replaced by those whom `access` lets in.
 */
export function adminApp(ports: AdminPorts): Admin {
  const app = Fastify({
    logger: false,
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: noSchemas },
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    clientErrorHandler: answerNonsense,
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply.headers(guardHeaders), 400, 'bad_request', 'the request cannot be read');
    },
  });
  app.server.maxHeadersCount = 100;
  guard(app, ports);
  health(app, ports);
  api(app, ports);
  const deny = gatekeeper(ports.access);
  rolloutsApi(app, ports, deny);
  overlaysApi(app, ports, deny);
  documentApi(app, ports, deny);
  peersApi(app, ports);
  return app;
}

/**
 * No path here has a schema. Told so, Fastify leaves the compilers of schemas where they are: a
 * hundred modules.
 */
const noSchemas = { buildValidator: noCompiler, buildSerializer: noCompiler };

function noCompiler(): () => never {
  return () => {
    throw new TypeError('a path of the admin listener has a schema, and no compiler for it');
  };
}

function guard(app: Admin, ports: AdminPorts): void {
  const names = new Set(ports.hosts.map((name) => name.toLowerCase()));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(guardHeaders);
    if (isHostAllowed(request.headers.host, names)) return;
    const detail = 'this listener is not known by that name; allow it with --admin-hosts';
    return sendProblem(reply, 403, 'host_not_allowed', detail);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    if (!app.hasRoute({ method: 'GET', url: path })) {
      return sendProblem(reply, 404, 'not_found', 'there is nothing at this path');
    }
    reply.header('allow', 'GET, HEAD');
    return sendProblem(reply, 405, 'method_not_allowed', 'this can only be looked at');
  });
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500)
      return sendProblem(reply, status, 'bad_request', 'the request cannot be read');
    ports.failed(error);
    return sendProblem(reply, 500, 'internal', 'a bug of Turnout; its log says more');
  });
}

function health(app: Admin, ports: AdminPorts): void {
  app.get('/livez', async (_request, reply) => reply.type(plain).send('live\n'));
  app.get<{ Querystring: { verbose?: string } }>('/readyz', async (request, reply) => {
    const { ready, text } = readiness(ports);
    const short = ready ? 'ready\n' : 'not ready\n';
    const isVerbose = request.query.verbose !== undefined;
    return reply
      .code(ready ? 200 : 503)
      .type(plain)
      .send(isVerbose ? text : short);
  });
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = await ports.expose(request.headers.accept);
    return reply.header('content-type', contentType).send(body);
  });
}

const plain = 'text/plain; charset=utf-8';

function api(app: Admin, ports: AdminPorts): void {
  app.get('/api/v1/version', async () => ({
    apiVersion: 'turnout/v1',
    version: ports.version,
    node: process.version,
  }));
  app.get('/api/v1/mirrors', async () => ({
    apiVersion: 'turnout/v1',
    mirrors: mirrorJson(ports.inForce().snapshot, await ports.mirrorSamples()),
  }));
  app.get<{ Querystring: { route?: string } }>('/api/v1/endpoints', async ({ query }) => ({
    apiVersion: 'turnout/v1',
    versions: await ports.versions(query.route === undefined ? undefined : String(query.route)),
  }));
  app.get('/api/v1/workers', async () => ({
    apiVersion: 'turnout/v1',
    workers: ports.workers().map(workerJson),
  }));
  app.get('/api/v1/snapshot', async (request, reply) => {
    const { snapshot, number } = ports.inForce();
    if (snapshot === undefined) {
      return sendProblem(reply, 503, 'no_document', 'no document is in force yet');
    }
    const tag = `"${snapshot.hash}-${number}"`;
    reply.header('etag', tag);
    if (isKnown(tag, request.headers['if-none-match'])) return reply.code(304).send();
    const { appliedAt } = ports.document();
    return snapshotJson({ snapshot, number, appliedAt, overlays: ports.rollouts.overlays.all() });
  });
}

/** Returns whether a client has what a tag names (RFC 9110 section 13.1.2: the weak comparison). */
function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(tag);
}

/** Answers what Node's parser would not read, for there is no request to answer. */
function answerNonsense(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title] = nonsense.get(error.code) ?? [400, 'Bad Request'];
  const body = JSON.stringify(problemJson(status, 'bad_request', 'the request cannot be read'));
  const headers = Object.entries({
    ...guardHeaders,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${headers.join('')}\r\n${body}`);
}

const nonsense: ReadonlyMap<string | undefined, readonly [number, string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
]);
