import type { RequestHead } from './request-head.ts';

/** Returns the value of a field that stands there once and well formed. */
export function singleValue(head: RequestHead, id: number, wellFormed: RegExp): string | undefined {
  const index = onlyIndex(head, id);
  if (index < 0) return undefined;
  const value = head.lines.value(index);
  return wellFormed.test(value) ? value : undefined;
}

/** Returns where the only field of an id stands; -1 where there is none, or several. */
export function onlyIndex(head: RequestHead, id: number): number {
  const { lines } = head;
  const first = lines.indexOf(id);
  for (let index = first + 1; first >= 0 && index < lines.count; index++) {
    if (lines.ids[index] === id && lines.dropped[index] === 0) return -1;
  }
  return first;
}
