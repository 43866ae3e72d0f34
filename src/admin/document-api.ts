import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, siteDenial } from './access.ts';
import { apiVersion, type Deny, onlyBy } from './answers.ts';
import { conditionalChange, sendUnclear } from './conditional-change.ts';
import type { AdminPorts, DocumentPut } from './ports.ts';
import { sendApiProblem, sendProblem } from './problem-json.ts';
import { refuse } from './refuse.ts';
import { wrongSource } from './wrong-source.ts';

const url = '/api/v1/document';

interface Asked {
  Querystring: { dryRun?: string };
}

/** The rules document: shown as it was written, and replaced where it is a file. */
export function documentApi(app: FastifyInstance, { rules }: AdminPorts, deny: Deny): void {
  app.get(url, async (request, reply) => {
    const denial = await deny(request.raw);
    if (denial !== undefined) return refuse(reply, denial);
    const inForce = rules.inForce();
    if (inForce === undefined) {
      return sendProblem(reply, 503, 'no_document', 'no document is in force yet');
    }
    return reply
      .header('etag', `"${inForce.hash}"`)
      .header('content-type', 'application/yaml')
      .send(Buffer.from(inForce.text));
  });
  onlyBy(app, url, ['GET', 'HEAD', 'PUT'], 'the document is replaced by PUT');
  // Documents are read by their own reader: bodies stay bytes here, and nowhere else.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    scope.put<Asked>(
      url,
      { onRequest: (request, reply) => beforeBody(request, reply, deny) },
      (request, reply) => put(request, reply, rules),
    );
  });
}

async function put(
  { query, headers, body, raw }: FastifyRequest<Asked>,
  reply: FastifyReply,
  rules: AdminPorts['rules'],
) {
  const change = conditionalChange(query, headers['if-match'], url);
  // First where it has to be changed: that is no matter of how it is asked.
  const isReal = query.dryRun !== 'true';
  const wrong = isReal ? wrongSource(await rules.source()) : undefined;
  if (wrong !== undefined) return sendApiProblem(reply, 'TN4005', wrong.detail, wrong);
  if ('unclear' in change) return sendUnclear(reply, change.unclear);
  const text = textOf(body);
  if (text === undefined) return sendApiProblem(reply, 'TN4003', 'it is not UTF-8 text');
  const outcome = await rules.put({ ...change, text, who: addressOf(raw) });
  return answer(reply, outcome, change.isDryRun);
}

async function beforeBody(request: FastifyRequest, reply: FastifyReply, deny: Deny) {
  const denial = siteDenial(request.raw) ?? (await deny(request.raw));
  if (denial !== undefined) return refuse(reply, denial);
  if (isYaml(request.headers['content-type'])) return undefined;
  return sendApiProblem(reply, 'TN4010', 'say "content-type: application/yaml"');
}

/** JSON is YAML too. No form of a page can send any of them. */
function isYaml(contentType: string | undefined): boolean {
  return /^(?:application\/(?:x-)?yaml|text\/(?:x-)?yaml|application\/json) *(?:;|$)/i.test(
    contentType ?? '',
  );
}

/** Undefined where the bytes are no text. */
function textOf(body: unknown): string | undefined {
  if (!Buffer.isBuffer(body)) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function answer(reply: FastifyReply, outcome: DocumentPut, isDryRun: boolean) {
  switch (outcome.kind) {
    case 'done': {
      const { hash, changes, warnings } = outcome;
      if (!isDryRun) reply.header('etag', `"${hash}"`);
      return { apiVersion, hash, changes, warnings };
    }
    case 'changed':
      return sendApiProblem(reply, 'TN4002', outcome.message);
    case 'problems':
      return sendApiProblem(reply, 'TN4003', outcome.message, { errors: outcome.problems });
    case 'refused':
      return sendApiProblem(reply, 'TN4003', outcome.message);
    case 'unwritable':
      return sendApiProblem(reply, 'TN4009', outcome.message);
  }
}
