import type { Member } from './member.ts';
import type { Question, SentDocument } from './messages.ts';

export interface PutPorts<Counts> {
  /** The workers that can be asked. */
  readonly members: () => readonly Member<Counts>[];
  /** How long one may take for either phase. */
  readonly withinMs: number;
  /** Told who serves and did not answer in time. */
  readonly lagged: (member: Member<Counts>, during: string) => void;
  /** Called when all are prepared: from now on whoever starts begins with this document. */
  readonly agreed: () => void;
  readonly now: () => number;
}

/** That all workers serve the same snapshot. */
export interface Agreement {
  /** How many there are. */
  readonly workers: number;
  /** From the word to swap until the last one had said that it did: no two differed longer. */
  readonly spreadMs: number;
  readonly tookMs: number;
}

/**
 * Puts a document in force in all workers, in two phases: all compile it, and when the last one
 * has, all swap. Throws where one cannot compile it: then none swaps. Who does not answer is
 * given up, so that nobody is left behind with an old snapshot.
 */
export async function putInForce<Counts>(
  document: SentDocument,
  { members, withinMs, lagged, agreed, now }: PutPorts<Counts>,
): Promise<Agreement> {
  const askAll = (question: Question) =>
    Promise.all(
      members().map(async (member) => {
        const answer = await member.ask(question, withinMs);
        // For one that is still starting there is another limit.
        const isLate = answer.kind === 'none' && member.state === 'serving';
        if (isLate) lagged(member, `${withinMs} ms to ${question.kind} a document`);
        if (answer.kind === 'done' && question.kind === 'commit') member.serves = document;
        return answer;
      }),
    );
  const beganAt = now();
  for (const answer of await askAll({ kind: 'prepare', document })) {
    if (answer.kind === 'failed') throw new Error(answer.reason);
  }
  agreed();
  const committedAt = now();
  const swaps = await askAll({ kind: 'commit' });
  const times = swaps.flatMap((answer) => (answer.kind === 'done' ? [answer.at] : []));
  return {
    workers: times.length,
    spreadMs: Math.max(committedAt, ...times) - committedAt,
    tookMs: now() - beganAt,
  };
}
