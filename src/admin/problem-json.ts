import type { FastifyReply } from 'fastify';
import type { Problem } from '#core/document/problem';
import { type ApiCode, apiCodes } from './api-codes.ts';

// Not imported: an ES module gets all that node:http offers, fetch and WebSocket too.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** An error as RFC 9457 writes it. */
export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The word for this error: the same for ever. */
  readonly code: string;
  readonly detail: string;
}

/** What some errors have beside that. */
export interface MoreOfProblem {
  /** What to do. */
  readonly hint?: string;
  /** Each thing that is wrong with a document, at its place. */
  readonly errors?: readonly Problem[];
}

/** Returns the body of an error answer. */
export function problemJson(status: number, code: string, detail: string): ProblemJson {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: `urn:turnout:error:${code}`, title, status, code, detail };
}

/** Answers with an error that has a code of the API's own. */
export function sendApiProblem(
  reply: FastifyReply,
  code: ApiCode,
  detail: string,
  more: MoreOfProblem = {},
): FastifyReply {
  return sendProblem(reply, apiCodes[code].status, code, detail, more);
}

/** Answers with an error. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  more: MoreOfProblem = {},
): FastifyReply {
  return (
    reply
      .code(status)
      .header('content-type', 'application/problem+json')
      // As bytes: to text Fastify would add a charset, which this media type does not have.
      .send(Buffer.from(JSON.stringify({ ...problemJson(status, code, detail), ...more })))
  );
}
