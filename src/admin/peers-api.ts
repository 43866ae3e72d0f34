import type { FastifyInstance } from 'fastify';
import { gatekeeper } from './access.ts';
import type { AdminPorts } from './ports.ts';
import { sendProblem } from './problem-json.ts';
import { refuse, wrongMethod } from './refuse.ts';

const peersUrl = '/api/v1/peers/:what';

/**
 * What other replicas ask: what was counted here, and what is in force. A token is needed from
 * wherever they ask: who can tell counts can have a good version sent back.
 */
export function peersApi(app: FastifyInstance, { peers, access }: AdminPorts): void {
  if (peers === undefined) return;
  const deny = gatekeeper({ ...access, trustsLoopback: false });
  app.post<{ Params: { what: string } }>(
    peersUrl,
    {
      onRequest: async (request, reply) => {
        const denial = await deny(request.raw);
        return denial === undefined ? undefined : refuse(reply, denial);
      },
    },
    async ({ params, body }, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      try {
        const answer = await peers(params.what, body, gone.signal);
        if (answer !== undefined) return answer;
      } catch (error) {
        // What cannot be read is told; everything else is a bug of ours.
        if (error instanceof TypeError) return sendProblem(reply, 422, 'bad_body', error.message);
        throw error;
      }
      return sendProblem(reply, 404, 'not_found', `a replica cannot be asked for "${params.what}"`);
    },
  );
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: peersUrl,
    handler: (_request, reply) => wrongMethod(reply, 'POST', 'replicas ask by POST'),
  });
}
