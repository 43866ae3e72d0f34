import type { FastifyReply } from 'fastify';
import type { Denial } from './access.ts';
import { sendProblem } from './problem-json.ts';

/** Answers who is not let in. */
export function refuse(reply: FastifyReply, { status, code, detail }: Denial): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="turnout"');
  if (status === 429) reply.header('retry-after', '60');
  return sendProblem(reply, status, code, detail);
}

/** Answers who asks in a way that is not meant. */
export function wrongMethod(reply: FastifyReply, allow: string, detail: string): FastifyReply {
  return sendProblem(reply.header('allow', allow), 405, 'method_not_allowed', detail);
}
