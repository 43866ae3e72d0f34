import type { Tree } from '#core/document/tree';
import { textAt } from '../value.ts';

/** A test of a value as a document has it. */
export type WrittenTest = Readonly<Record<string, unknown>> | string;

/**
 * Returns the test that a StringMatch asks for; undefined: it has none of the known forms. Istio's
 * regular expressions are RE2, as those of a document, and hold for the whole value.
 */
export function testOf(match: Tree): WrittenTest | undefined {
  const exact = textAt(match, ['exact']);
  if (exact !== undefined) return { exact };
  const prefix = textAt(match, ['prefix']);
  if (prefix !== undefined) return { prefix };
  const regex = textAt(match, ['regex']);
  if (regex !== undefined) return { regex: whole(regex) };
  // Only the name is said: whether it is there.
  return match.value === null || match.children.size === 0 ? { present: true } : undefined;
}

/** Returns an expression that holds for a whole value, where Turnout's holds for any part of it. */
export function whole(regex: string): string {
  return `^(?:${regex})$`;
}
