import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OverlayOutcome, OverlayStatus, OverlayWish } from '#core/rollout/overlay';
import { addressOf, siteDenial } from './access.ts';
import { apiVersion, type Deny, inJson, noRoute, onlyBy } from './answers.ts';
import { conditionalChange, sendUnclear } from './conditional-change.ts';
import { type OverlayBody, overlayBody } from './overlay-body.ts';
import type { AdminPorts } from './ports.ts';
import { sendApiProblem, sendProblem } from './problem-json.ts';
import { refuse } from './refuse.ts';
import { isJson } from './rollouts-api.ts';
import { wrongSource } from './wrong-source.ts';

const url = '/api/v1/routes/:route/overlay';

interface Asked {
  Params: { route: string };
  Querystring: { dryRun?: string };
}

type Asking = FastifyRequest<Asked>;

/** Weights of a route for a while: shown, set and ended. */
export function overlaysApi(app: FastifyInstance, ports: AdminPorts, deny: Deny): void {
  const { overlays } = ports.rollouts;
  /** Before the body is read: who may not ask is not listened to. */
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const denial = siteDenial(request.raw) ?? (await deny(request.raw));
    if (denial !== undefined) return refuse(reply, denial);
    const type = request.headers['content-type'];
    if (isJson(type) || (request.method === 'DELETE' && type === undefined)) return undefined;
    return sendProblem(reply, 415, 'not_json', 'say "content-type: application/json"');
  };

  app.get<{ Params: { route: string } }>(url, async ({ params: { route } }, reply) => {
    const status = overlays.of(route);
    if (status === undefined) return noRoute(reply, route);
    reply.header('etag', `"${status.tag}"`);
    return { apiVersion, route, ...inJson(shown(status)) };
  });
  app.put<Asked>(url, { onRequest }, async (request, reply) => {
    const read = overlayBody(request.body, true);
    if ('unclear' in read) return sendUnclear(reply, read.unclear);
    const { weights, ttlMs } = read;
    if (ttlMs === undefined || weights === undefined) return noLimit(reply, ports);
    return want(request, reply, read, { weights, ttlMs });
  });
  app.delete<Asked>(url, { onRequest }, async (request, reply) => {
    const read = overlayBody(request.body ?? {}, false);
    if ('unclear' in read) return sendUnclear(reply, read.unclear);
    return want(request, reply, read, undefined);
  });
  onlyBy(
    app,
    url,
    ['GET', 'HEAD', 'PUT', 'DELETE'],
    'an overlay is set by PUT and ended by DELETE',
  );

  async function want(
    { params: { route }, query, headers, raw }: Asking,
    reply: FastifyReply,
    { user, reason }: OverlayBody,
    set: OverlayWish['set'],
  ) {
    const path = `/api/v1/routes/${encodeURIComponent(route)}/overlay`;
    const change = conditionalChange(query, headers['if-match'], path);
    if ('unclear' in change) return sendUnclear(reply, change.unclear);
    const address = addressOf(raw);
    const outcome = await overlays.want({
      route,
      set,
      who: user === undefined ? address : `${user} from ${address}`,
      reason,
      ...change,
    });
    return answer(reply, route, outcome);
  }
}

const codes = {
  not_found: 'not_found',
  unwritable: 'unwritable',
  changed: 'TN4002',
  unfit: 'TN4004',
  under_way: 'TN4006',
  none: 'TN4008',
} as const;

function answer(reply: FastifyReply, route: string, outcome: OverlayOutcome) {
  if (outcome.kind !== 'done') {
    const code = codes[outcome.kind];
    if (code === 'not_found') return sendProblem(reply, 404, code, outcome.message);
    if (code === 'unwritable') return sendProblem(reply, 503, code, outcome.message);
    return sendApiProblem(reply, code, outcome.message);
  }
  const { revision, message, changes, status, scope } = outcome;
  if (revision !== undefined) reply.header('etag', `"${status.tag}"`);
  return { apiVersion, route, revision, message, changes, scope, ...inJson(shown(status)) };
}

function shown({ overlay }: OverlayStatus): object {
  return overlay === undefined ? {} : { overlay };
}

/** Without an end it would be a change of the rules: that is made where they come from. */
async function noLimit(reply: FastifyReply, { rules }: AdminPorts) {
  const source = await rules.source();
  const wrong = wrongSource(source);
  if (wrong !== undefined) return sendApiProblem(reply, 'TN4005', wrong.detail, wrong);
  return sendApiProblem(reply, 'TN4007', 'weights without a "ttl" would be a change of the rules', {
    hint: `for a while say "ttl", from 1s to 24h; for good edit ${source.name}`,
  });
}
