import type { Leaving } from '#core/rollout/status';
import { timeText } from './instant-text.ts';

/** Returns the proof that a version gets nothing any more, or what is still missing for it. */
export function leavingText(leaving: Leaving): string {
  const { inForceAt, sentSince, inFlight, lastSentAt, lastEndedAt } = leaving;
  const since = `${count(sentSince, 'request')} since ${timeText(inForceAt)}${whereText(leaving)}`;
  if (inFlight > 0) return `${since}; ${inFlight} in flight`;
  if (lastEndedAt !== undefined) return `${since}; the last one ended ${timeText(lastEndedAt)}`;
  return lastSentAt === undefined ? `${since}; it never had one` : since;
}

function whereText({ replicas }: Leaving): string {
  return replicas === undefined ? '' : ` on ${replicas.inForce} of ${replicas.of} replicas`;
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
