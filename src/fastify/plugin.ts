import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Decision } from './exchange.ts';
import { buildHouse } from './house.ts';
import { problemsOf, type TurnoutOptions } from './options.ts';
import { proxyRoutes } from './proxy-routes.ts';

export type { Decision } from './exchange.ts';
export type { SigningKey, TurnoutOptions } from './options.ts';

/** What a registration offers the service: `app.turnout`. */
export interface Turnout {
  /** Returns the rules in force. */
  readonly snapshot: () => Snapshot;
  /** Returns the metrics of the registry as text; `contentType` goes with it. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  /** Looks at the rules now, and says what became of them. */
  readonly reload: () => Promise<'applied' | 'unchanged' | 'refused'>;
}

declare module 'fastify' {
  interface FastifyInstance {
    turnout: Turnout;
  }
  interface FastifyRequest {
    /** Undefined for requests that the service answers itself. */
    turnout: Decision | undefined;
  }
}

async function register(app: FastifyInstance, options: TurnoutOptions): Promise<void> {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new TypeError(`turnout: ${problems.join('; ')}`);
  if (app.initialConfig.http2 === true) {
    throw new TypeError('turnout: HTTP/2 is not taken from clients; leave http2 out');
  }
  const house = await buildHouse(options, app.log);
  app.addHook('onClose', () => house.close());
  const { registry } = house.metrics;
  app.decorate('turnout', {
    snapshot: () => house.rules.snapshot,
    metrics: () => registry.metrics(),
    contentType: registry.contentType,
    reload: async () => (await house.reload()).kind,
  });
  if (!app.hasRequestDecorator('turnout')) app.decorateRequest('turnout', undefined);
  const prefix = (options.prefix ?? '').replace(/\/$/, '');
  await app.register((scope) => proxyRoutes(scope, house), { prefix });
}

/**
 * Proxies requests of a Fastify service by the rules of a Turnout document: the same routes,
 * audiences and splits as the proxy, by the same code.
 */
export const turnout = fastifyPlugin(register, { fastify: '5.x', name: 'turnout' });
