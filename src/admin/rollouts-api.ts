import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type CommandOutcome, verbs } from '#core/rollout/command';
import { addressOf, siteDenial } from './access.ts';
import { apiVersion, type Deny, inJson, isMapping, noRoute, onlyBy } from './answers.ts';
import { commandOf, verbOf } from './command-of.ts';
import { datedJson } from './dated-json.ts';
import type { AdminPorts } from './ports.ts';
import { sendProblem } from './problem-json.ts';
import { refuse } from './refuse.ts';

/** How routes and their rollouts stand, what was done, and what a person may tell them. */
export function rolloutsApi(app: FastifyInstance, ports: AdminPorts, deny: Deny): void {
  const { rollouts } = ports;

  app.get('/api/v1/status', async () => ({
    apiVersion,
    routes: datedJson(await rollouts.statuses()),
  }));
  show<{ route: string }>(app, '/api/v1/status/:route', async ({ params }, reply) => {
    const [status] = await rollouts.statuses(params.route);
    if (status === undefined) return noRoute(reply, params.route);
    return { apiVersion, ...inJson(status) };
  });
  app.get<{ Querystring: { route?: string } }>('/api/v1/history', async ({ query }) => ({
    apiVersion,
    revisions: datedJson(
      rollouts.history(query.route === undefined ? undefined : String(query.route)),
    ),
  }));
  show<{ revision: string }>(app, '/api/v1/history/:revision', async ({ params }, reply) => {
    const revision = /^\d{1,15}$/.test(params.revision)
      ? rollouts.revision(Number(params.revision))
      : undefined;
    if (revision !== undefined) return { apiVersion, ...inJson(revision) };
    return sendProblem(reply, 404, 'not_found', `there is no revision ${params.revision}`);
  });
  show<{ route: string }>(app, '/api/v1/routes/:route/ticks', async (request, reply) => {
    const denial = await deny(request.raw);
    if (denial !== undefined) return refuse(reply, denial);
    const text = await rollouts.replay(request.params.route);
    if (text !== undefined) return reply.type('text/plain; charset=utf-8').send(text);
    const detail = `nothing was counted for a rollout of "${request.params.route}"`;
    return sendProblem(reply, 404, 'not_found', detail);
  });
  actions(app, ports, deny);
}

type Show<Params> = (
  request: FastifyRequest<{ Params: Params }>,
  reply: FastifyReply,
) => Promise<unknown>;

/** A path with a name in it: what else than looking is asked for there is told apart from no path. */
function show<Params>(app: FastifyInstance, url: string, handler: Show<Params>): void {
  app.get<{ Params: Params }>(url, handler);
  onlyBy(app, url, ['GET', 'HEAD'], 'this can only be looked at');
}

const actionUrl = '/api/v1/routes/:route/actions/:verb';

function actions(app: FastifyInstance, { rollouts }: AdminPorts, deny: Deny): void {
  app.post<{ Params: { route: string; verb: string } }>(
    actionUrl,
    {
      // Before the body is read: who may not ask is not listened to.
      onRequest: async (request, reply) => {
        const denial = siteDenial(request.raw) ?? (await deny(request.raw));
        if (denial !== undefined) return refuse(reply, denial);
        if (isJson(request.headers['content-type'])) return undefined;
        return sendProblem(reply, 415, 'not_json', 'say "content-type: application/json"');
      },
    },
    async ({ params, body, raw }, reply) => {
      const verb = verbOf(params.verb);
      if (verb === undefined) {
        const detail = `there is no verb "${params.verb}", but ${verbs.join(', ')}`;
        return sendProblem(reply, 404, 'not_found', detail);
      }
      if (!isMapping(body)) {
        return sendProblem(reply, 422, 'bad_command', 'the body must be a JSON object');
      }
      const { command, problem } = commandOf(verb, params.route, body, addressOf(raw));
      if (command === undefined) return sendProblem(reply, 422, 'bad_command', problem);
      return answer(reply, await rollouts.command(command));
    },
  );
  onlyBy(app, actionUrl, ['POST'], 'a verb is told by POST');
}

const statuses = { not_found: 404, conflict: 409, unwritable: 503 } as const;

function answer(reply: FastifyReply, outcome: CommandOutcome) {
  if (outcome.kind !== 'done') {
    return sendProblem(reply, statuses[outcome.kind], outcome.kind, outcome.message);
  }
  return { apiVersion, revision: outcome.revision, message: outcome.message };
}

/** No form of a page can send it. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(?:;|$)/i.test(contentType ?? '');
}
