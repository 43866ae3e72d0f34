import * as z from 'zod';
import { bytesOf } from './byte-text.ts';
import { exactlyOneOf, mustBe } from './expectation.ts';
import { oneOrMore } from './one-or-more.ts';
import { compileRegex, regexText } from './regex.ts';
import type { Test } from './when.ts';

const text = z.string({ error: mustBe('TN2001', 'text') });
const isTest = mustBe('TN2001', 'text, a test such as {prefix: v2}, or a list of them');

const testObject = z
  .strictObject(
    {
      exact: text.optional().describe('The whole value.'),
      prefix: text.optional().describe('How the value begins.'),
      suffix: text.optional().describe('How the value ends.'),
      contains: text.optional().describe('What the value has in it somewhere.'),
      regex: regexText
        .optional()
        .describe('Found anywhere in the value; RE2 syntax, at most 256 characters.'),
      present: z
        .boolean({ error: mustBe('TN2001', 'true or false') })
        .optional()
        .describe('true: there is a value, whatever it is. false: there is none.'),
    },
    { error: mustBe('TN2001', 'text or a test such as {prefix: v2}') },
  )
  .superRefine(exactlyOneOf('exact', 'prefix', 'suffix', 'contains', 'regex', 'present'));

/** One test, or several of which any may hold. Text alone is the whole value. */
export const testsSchema = oneOrMore<Test>(
  z.union([text.transform((exact): Test => ({ exact })), testObject], { error: isTest }),
  isTest,
).describe('Text is the whole value; upper and lower case differ. A list: any of them.');

/** A question about a value; undefined where a request has none. */
export type ValueTest = (bytes: string | undefined) => boolean;

/** Returns whether any of these tests holds. */
export function compileTests(tests: readonly Test[]): ValueTest {
  const [only, ...more] = tests.map(compileTest);
  if (only !== undefined && more.length === 0) return only;
  const all = tests.map(compileTest);
  return (bytes) => {
    for (const test of all) if (test(bytes)) return true;
    return false;
  };
}

function compileTest(test: Test): ValueTest {
  const { exact, prefix, suffix, contains, regex, present } = test;
  if (exact !== undefined) return isExactly(bytesOf(exact));
  if (prefix !== undefined) return ifPresent(prefix, (bytes, wanted) => bytes.startsWith(wanted));
  if (suffix !== undefined) return ifPresent(suffix, (bytes, wanted) => bytes.endsWith(wanted));
  if (contains !== undefined) return ifPresent(contains, (bytes, wanted) => bytes.includes(wanted));
  if (regex !== undefined) {
    const found = compileRegex(regex);
    return (bytes) => bytes !== undefined && found(bytes);
  }
  return (bytes) => (bytes !== undefined) === present;
}

function isExactly(wanted: string): ValueTest {
  return (bytes) => bytes === wanted;
}

function ifPresent(text: string, holds: (bytes: string, wanted: string) => boolean): ValueTest {
  const wanted = bytesOf(text);
  return (bytes) => bytes !== undefined && holds(bytes, wanted);
}
