import * as z from 'zod';
import { mustBe } from './expectation.ts';
import type { Facts } from './facts.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';

/** Returns a part that holds where what a request is, is in the list its author wrote. */
export function oneOf<const Word extends string>(
  part: string,
  words: readonly Word[],
  wordOf: (facts: Facts) => Word,
): Part<readonly Word[]> {
  const isWord = mustBe('TN2006', `one of ${words.join(', ')}`);
  return {
    schema: oneOrMore<Word>(z.enum(words, { error: isWord }), isWord),
    compile: (list) => {
      const wanted: ReadonlySet<string> = new Set(list);
      return (facts) => wanted.has(wordOf(facts));
    },
    explain: (list, facts) => {
      const word = wordOf(facts);
      return [{ part, holds: list.includes(word), seen: `${part} ${word}` }];
    },
  };
}
