import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { fieldName } from '#core/conditions/field-name';
import { regexText } from '#core/conditions/regex';
import type { Test } from '#core/conditions/when';
import { maybe } from './maybe.ts';
import { wholeValue } from './whole-value.ts';

const types = ['Exact', 'RegularExpression'] as const;

function valueMatch<Name extends z.ZodType<string>>(name: Name) {
  return z
    .strictObject(
      {
        type: maybe(z.enum(types, { error: mustBe('TN2006', `one of ${types.join(', ')}`) })),
        name,
        value: z
          .string({ error: mustBe('TN2001', 'text') })
          .min(1, { error: mustBe('TN2005', 'text of at least one character') }),
      },
      { error: mustBe('TN2001', 'a mapping of type, name, value') },
    )
    .superRefine(({ type, value }, context) => {
      if (type !== 'RegularExpression') return;
      for (const { message } of regexText.safeParse(value).error?.issues ?? []) {
        context.addIssue({ code: 'custom', message, path: ['value'] });
      }
    });
}

/** Names of headers come out in lower case. */
export const headerMatch = valueMatch(fieldName);
export const queryMatch = valueMatch(
  z
    .string({ error: mustBe('TN2001', 'text') })
    .min(1, { error: mustBe('TN2014', 'the name of a query parameter') }),
);

interface ValueMatch {
  readonly type?: (typeof types)[number] | undefined;
  readonly name: string;
  readonly value: string;
}

/** Returns the tests by name; of several entries with one name the first counts. */
export function namedTests(
  matches: readonly ValueMatch[],
): Readonly<Record<string, readonly Test[]>> | undefined {
  const tests = new Map<string, readonly Test[]>();
  for (const { type, name, value } of matches) {
    if (tests.has(name)) continue;
    tests.set(name, [
      type === 'RegularExpression' ? { regex: wholeValue(value) } : { exact: value },
    ]);
  }
  return tests.size === 0 ? undefined : Object.fromEntries(tests);
}
