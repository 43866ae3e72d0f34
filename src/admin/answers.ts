import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Denial } from './access.ts';
import { datedJson } from './dated-json.ts';
import { sendProblem } from './problem-json.ts';

export const apiVersion = 'turnout/v1';

/** Who is let in; see `gatekeeper`. */
export type Deny = (asking: FastifyRequest['raw']) => Promise<Denial | undefined>;

export function noRoute(reply: FastifyReply, route: string): FastifyReply {
  return sendProblem(reply, 404, 'not_found', `there is no route "${route}"`);
}

/** Answers the other methods of a path, so that they are told apart from no path. */
export function onlyBy(
  app: FastifyInstance,
  url: string,
  allow: readonly string[],
  detail: string,
): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
      (method) => !allow.includes(method),
    ),
    url,
    handler: (_request, reply) =>
      sendProblem(reply.header('allow', allow.join(', ')), 405, 'method_not_allowed', detail),
  });
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns whether a text is one line without control characters, of so many characters at most. */
export function isLine(value: unknown, most: number): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there.
  return typeof value === 'string' && value.length <= most && /^[^\x00-\x1f\x7f]+$/.test(value);
}

/** An object stays one. */
export function inJson(value: object): object {
  const json = datedJson(value);
  return typeof json === 'object' && json !== null ? json : {};
}
