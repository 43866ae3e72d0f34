import { RE2JS, RE2JSException } from 're2js';
import * as z from 'zod';
import { textOf } from './byte-text.ts';
import { mustBe } from './expectation.ts';

export const maxPatternCharacters = 256;
/** Longer values do not hold: what a request may cost does not grow with it. */
export const maxInputBytes = 2_048;

/** A pattern that a rule may use: the engine takes time in proportion to the input, whatever it is. */
export const regexText = z
  .string({ error: mustBe('TN2001', 'text') })
  .superRefine((pattern, context) => {
    const refusal = refusalOf(pattern);
    if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
  });

function refusalOf(pattern: string): string | undefined {
  if (pattern.length > maxPatternCharacters) {
    return mustBe('TN2017', `a regular expression of at most ${maxPatternCharacters} characters`);
  }
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return mustBe(
      'TN2017',
      'a regular expression of RE2, without lookaround and backreferences',
      error.message.replace(/^error parsing regexp: /, ''),
    );
  }
}

/**
 * Returns whether a pattern is found anywhere in the text that bytes mean; `^` and `$` tie it
 * to the ends.
 */
export function compileRegex(pattern: string): (bytes: string) => boolean {
  const regex = RE2JS.compile(pattern);
  return (bytes) => bytes.length <= maxInputBytes && regex.test(textOf(bytes));
}
