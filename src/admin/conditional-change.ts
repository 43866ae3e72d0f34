import type { FastifyReply } from 'fastify';
import type { ApiCode } from './api-codes.ts';
import { sendApiProblem, sendProblem } from './problem-json.ts';

/** What a change of something with a tag is asked with, beside its body. */
export interface ConditionalChange {
  /** Whether the tag of what the person has seen is this one. */
  readonly isExpected: (tag: string) => boolean;
  /** Tells what would be, and changes nothing. */
  readonly isDryRun: boolean;
}

/** Why a change cannot be understood. */
export interface Unclear {
  readonly code: ApiCode | 'bad_command';
  readonly detail: string;
}

/**
 * Returns what a request for a change of what is at a path says of it. Only a dry run needs no
 * `If-Match`.
 */
export function conditionalChange(
  { dryRun = 'false' }: { readonly dryRun?: unknown },
  condition: string | undefined,
  path: string,
): ConditionalChange | { readonly unclear: Unclear } {
  if (dryRun !== 'true' && dryRun !== 'false') {
    return { unclear: { code: 'bad_command', detail: '"dryRun" must be true or false' } };
  }
  const isDryRun = dryRun === 'true';
  if (condition !== undefined) return { isExpected: matches(condition), isDryRun };
  if (isDryRun) return { isExpected: () => true, isDryRun };
  const detail = `say "If-Match" with the ETag of GET ${path}, or with *`;
  return { unclear: { code: 'TN4001', detail } };
}

/** Weak tags are never the same (RFC 9110 section 13.1.1). `*` is any. */
function matches(condition: string): (tag: string) => boolean {
  const named = condition.split(',').map((one) => one.trim());
  return (tag) => named.includes('*') || named.includes(`"${tag}"`);
}

export function sendUnclear(reply: FastifyReply, { code, detail }: Unclear): FastifyReply {
  return code === 'bad_command'
    ? sendProblem(reply, 422, code, detail)
    : sendApiProblem(reply, code, detail);
}
