import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Endpoint } from '#core/routing/route';
import { type Agents, originOf } from './agents.ts';
import type { Endpoints } from './endpoints.ts';
import type { Exchange } from './exchange.ts';
import { Failed, isNotConnected } from './failed.ts';
import { outgoing } from './outgoing.ts';
import { Upload } from './upload.ts';

/** The exchange travels among the headers that reply-from copies on: it gives us nothing else. */
export const exchangeKey: unique symbol = Symbol('turnout.exchange');

/** What reply-from asks of a dispatcher, as far as we look at it. */
export interface Asked {
  readonly headers: { readonly [exchangeKey]?: Exchange };
  readonly body?: unknown;
}

export type Answered = (error: unknown, response?: Dispatcher.ResponseData) => void;

export interface DispatchPorts {
  readonly agents: Agents;
  readonly endpoints: Endpoints;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly bug: (error: unknown) => void;
}

const noneTried: ReadonlySet<string> = new Set();
const heldMost = 1_000;
const holdPollMs = 250;

/**
 * Sends requests to endpoints: what reply-from is given in place of an undici agent.
 *
 * Where no connection came about nothing was sent, so that another endpoint is asked, then
 * the version that the route falls back on. Once anything was sent nothing is sent again.
 */
export class Dispatch {
  readonly #ports: DispatchPorts;
  #held = 0;

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
  }

  /** Called by reply-from. */
  readonly request = (asked: Asked, answered: Answered): void => {
    const tell = (error: unknown, response?: Dispatcher.ResponseData) => {
      try {
        answered(error, response);
      } catch (bug) {
        this.#ports.bug(bug);
      }
    };
    this.#send(asked).then(
      (response) => tell(null, response),
      (error: unknown) => tell(error),
    );
  };

  async #send({ headers, body }: Asked): Promise<Dispatcher.ResponseData> {
    const exchange = headers[exchangeKey];
    if (exchange === undefined) throw new Failed('internal', 'a request without an exchange');
    const upload = uploadOf(exchange, body);
    let endpoint = exchange.endpoint;
    let tried = noneTried;
    for (;;) {
      endpoint ??= this.#ports.endpoints.choose(exchange.version?.endpoints ?? [], tried);
      if (endpoint === undefined) throw new Failed('internal', 'a version without endpoints');
      try {
        return await this.#attempt(exchange, endpoint, upload);
      } catch (error) {
        const isRepeatable = isNotConnected(error) && !upload?.hasBegun && !exchange.isOver;
        if (!isRepeatable) throw error;
        this.#ports.endpoints.unreachable(endpoint);
        tried = await this.#afterwards(exchange, new Set(tried).add(endpoint.key), error);
        endpoint = undefined;
      }
    }
  }

  /** Returns which endpoints not to ask again; throws where nobody is left and nobody to wait for. */
  async #afterwards(
    exchange: Exchange,
    tried: ReadonlySet<string>,
    error: unknown,
  ): Promise<ReadonlySet<string>> {
    const isLeft = exchange.version?.endpoints.some(({ key }) => !tried.has(key)) ?? false;
    if (isLeft) return tried;
    if (exchange.fallBack()) return noneTried;
    const need = exchange.route?.onUnavailable;
    if (need?.kind !== 'hold') throw error;
    await this.#hold(exchange, need.holdMs);
    return noneTried;
  }

  async #hold(exchange: Exchange, holdMs: number): Promise<void> {
    const leftMs = exchange.startedAt + holdMs - this.#ports.now();
    if (leftMs <= 0) throw new Failed('hold_timeout', `no endpoint in ${holdMs} ms`);
    if (this.#held >= heldMost) throw new Failed('overflow', `${heldMost} requests are held`);
    this.#held++;
    try {
      await wait(Math.min(holdPollMs, leftMs), undefined, { signal: exchange.signal });
    } finally {
      this.#held--;
    }
  }

  async #attempt(
    exchange: Exchange,
    endpoint: Endpoint,
    upload: Upload | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const { agents, endpoints, now } = this.#ports;
    const { assigned, method, signal, version } = exchange;
    if (assigned === undefined || version === undefined) {
      throw new Failed('internal', 'a request that was never assigned');
    }
    const hasBody = upload !== undefined;
    const { connectMs, firstByteMs, idleMs } = assigned.route.timeouts;
    const { target, headers } = outgoing(assigned, version, endpoint, hasBody);
    endpoints.entered(endpoint);
    const left = () => endpoints.left(endpoint);
    try {
      const response = await agents.of(connectMs, endpoint).request({
        origin: originOf(endpoint),
        path: target,
        // Node has read it, and the scanner has found it to be a token.
        method: method as Dispatcher.HttpMethod,
        headers,
        // undici takes what can be iterated; its types only know Node's own streams.
        body: (upload ?? null) as unknown as Readable | null,
        headersTimeout: firstByteMs,
        bodyTimeout: idleMs,
        signal,
      });
      // A body that is destroyed says so; reply-from does that to a client that has gone.
      response.body.on('error', () => {});
      if (response.statusCode < 200 || response.statusCode > 599) {
        response.body.destroy();
        throw new Failed('upstream_malformed', `${endpoint.key}: status ${response.statusCode}`);
      }
      exchange.respondedAt = now();
      response.body.once('close', left);
      return response;
    } catch (error) {
      left();
      throw error;
    }
  }
}

/** Returns the body to send, if there is one. */
function uploadOf({ incoming }: Exchange, body: unknown): Upload | undefined {
  const isEmpty = incoming?.head.contentLength === 0;
  return body instanceof Readable && !isEmpty ? new Upload(body) : undefined;
}
