import type { IncomingHttpHeaders } from 'node:http';
import httpProxy, { type FastifyHttpProxyOptions } from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from './agents.ts';
import type { Answer } from './answer.ts';
import { exchangeKey } from './dispatch.ts';
import { Exchange } from './exchange.ts';
import { failureOf } from './failed.ts';
import type { House } from './house.ts';
import { readIncoming } from './incoming.ts';
import { assignmentCookies, responseHeaders } from './response-headers.ts';

const noneTried: ReadonlySet<string> = new Set();
/** Calls that no service may answer for another. */
const neverProxied: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/** Registers the routes of a scope: every path of it goes where the rules say. */
export async function proxyRoutes(scope: FastifyInstance, house: House): Promise<void> {
  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  const exchangeOf = (request: FastifyRequest): Exchange => {
    const exchange = exchanges.get(request);
    if (exchange === undefined) throw new Error('turnout: a request that was never begun');
    return exchange;
  };

  scope.addHook('onRequest', (request, reply, done) => {
    const exchange = newExchange(request, house, scope.prefix);
    exchanges.set(request, exchange);
    const answer = exchange.begin(house.ports);
    request.turnout = exchange.decision;
    follow(exchange, reply, house);
    if (answer === undefined) done();
    else send(reply, answer);
  });

  // Bodies go through as they come: no parser of the service may read and write them anew.
  scope.removeAllContentTypeParsers();
  await scope.register(httpProxy, proxyOptions(scope, house, exchangeOf));
}

function newExchange(request: FastifyRequest, house: House, prefix: string): Exchange {
  const { rules, trusts, now } = house;
  const { snapshot } = rules;
  const incoming = readIncoming(request.raw, { trusts, protectedNames: snapshot.fieldNames });
  // The router saw the path with its dots: `/shop/../admin` is not below /shop.
  const leaves = typeof incoming === 'object' && !isBelow(incoming.facts.path, prefix);
  return new Exchange(request.method, snapshot, leaves ? 'dots_above_root' : incoming, now());
}

function isBelow(path: string, prefix: string): boolean {
  const root = prefix.replace(/\/$/, '');
  return path === root || path.startsWith(`${root}/`);
}

/** Counts the exchange when it ends, and ends it upstream when the client goes or the time is up. */
function follow(exchange: Exchange, reply: FastifyReply, { metrics, now }: House): void {
  const { raw } = reply;
  const outOfFlight = metrics.began(exchange);
  const totalMs = exchange.route?.timeouts.totalMs ?? 0;
  const total =
    totalMs > 0 ? setTimeout(() => exchange.abort('total_timeout'), totalMs) : undefined;
  const ended = () => {
    if (exchange.isOver) return;
    exchange.isOver = true;
    clearTimeout(total);
    outOfFlight();
    metrics.ended(exchange, raw.headersSent ? raw.statusCode : 0, now());
  };
  raw.once('finish', ended);
  raw.once('close', () => {
    if (!exchange.isOver) exchange.abort('client_disconnect');
    ended();
  });
}

function send(reply: FastifyReply, { status, headers, body }: Answer): void {
  reply.code(status).headers(headers).send(body);
}

function proxyOptions(
  scope: FastifyInstance,
  { dispatch, endpoints, ports }: House,
  exchangeOf: (request: FastifyRequest) => Exchange,
): FastifyHttpProxyOptions {
  return {
    upstream: '',
    // Without a prefix `/*` takes `/` as well, and leaves a route of the service's own there be.
    routes: scope.prefix === '' ? ['/*'] : ['/', '/*'],
    httpMethods: scope.supportedMethods.filter((method) => !neverProxied.has(method)),
    // reply-from calls nothing but `request`; its types ask for the whole of another undici.
    undici: dispatch as unknown as NonNullable<FastifyHttpProxyOptions['undici']>,
    retryMethods: [],
    disableRequestLogging: true,
    internalRewriteLocationHeader: false,
    // What is forwarded is the exchange's target: http-proxy would parse it as a URL.
    preRewrite: () => '/',
    replyOptions: {
      getUpstream: (request) => {
        const exchange = exchangeOf(request as FastifyRequest);
        const endpoint = endpoints.choose(exchange.version?.endpoints ?? [], noneTried);
        exchange.endpoint = endpoint;
        return endpoint === undefined ? '' : originOf(endpoint);
      },
      rewriteRequestHeaders: (request) => {
        // reply-from copies symbols too: this is how the dispatcher knows whose request it is.
        const marked = { [exchangeKey]: exchangeOf(request as FastifyRequest) };
        return marked as unknown as IncomingHttpHeaders;
      },
      rewriteHeaders: (headers, request) => {
        const exchange = exchangeOf(request as FastifyRequest);
        const { assignment, incoming, route } = exchange;
        if (route === undefined || incoming === undefined) return headers;
        const cookies = assignmentCookies(
          route,
          assignment,
          ports,
          incoming.facts.scheme === 'https',
        );
        return responseHeaders(headers as IncomingHttpHeaders, assignment, cookies);
      },
      onResponse: (request, reply, response) => {
        const exchange = exchangeOf(request as FastifyRequest);
        (request as FastifyRequest).turnout = exchange.decision;
        const { stream } = response;
        stream.once('error', (error) => exchange.fail(failureOf(error)));
        reply.send(stream);
      },
      onError: (reply, { error }) => {
        const exchange = exchangeOf(reply.request as FastifyRequest);
        (reply.request as FastifyRequest).turnout = exchange.decision;
        const answer = exchange.fail(failureOf(error.cause ?? error));
        // Nobody is there to be told.
        if (exchange.failure !== 'client_disconnect') send(reply as FastifyReply, answer);
      },
    },
  };
}
