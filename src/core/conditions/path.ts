import * as z from 'zod';
import { comparablePath } from './comparable-path.ts';
import type { Condition } from './condition.ts';
import { exactlyOneOf, mustBe } from './expectation.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';
import { quotedBytes } from './quoted.ts';
import { compileRegex, regexText } from './regex.ts';
import type { PathTest } from './when.ts';

const isPath = 'a path that begins with "/"';
const isTest = mustBe('TN2001', 'a path, a test such as {exact: /a}, or a list of them');

/** A path without query, as it may stand in the document. */
export const pathText = z
  .string({ error: mustBe('TN2016', isPath) })
  .superRefine((text, context) => {
    const refusal = refusalOf(text);
    if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
  });

function refusalOf(text: string): string | undefined {
  if (!text.startsWith('/')) return mustBe('TN2016', isPath, hintForStart(text));
  if (/[?#]/.test(text)) return mustBe('TN2016', 'a path without "?" and "#"');
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return mustBe('TN2016', 'a path without control characters');
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) {
    return mustBe('TN2016', 'a path with whole escapes', 'a percent sign itself is written %25');
  }
  const segments = comparablePath(text).split('/');
  if (segments.includes('.') || segments.includes('..')) {
    return mustBe('TN2016', 'a path without the segments "." and ".."');
  }
  return undefined;
}

function hintForStart(text: string): string | undefined {
  return /^[\w.-]+(?:\/|$)/.test(text) ? `did you mean "/${text}"?` : undefined;
}

const testObject = z
  .strictObject(
    {
      exact: pathText.optional().describe('The whole path.'),
      prefix: pathText.optional().describe('/a holds for /a, /a/ and /a/b, but not for /ab.'),
      regex: regexText
        .optional()
        .describe('Found anywhere in the path; ^ and $ tie it to the ends. RE2 syntax.'),
    },
    { error: mustBe('TN2001', 'a path or a test such as {exact: /a}') },
  )
  .superRefine(exactlyOneOf('exact', 'prefix', 'regex'));

/** The path, by whole segments. */
export const path: Part<readonly PathTest[]> = {
  schema: oneOrMore<PathTest>(
    z.union([pathText.transform((prefix): PathTest => ({ prefix })), testObject], {
      error: isTest,
    }),
    isTest,
  ),
  compile: (tests) => {
    const [first, ...more] = tests.map(compileTest);
    if (first !== undefined && more.length === 0) return first;
    const all = tests.map(compileTest);
    return (facts) => {
      for (const test of all) if (test(facts)) return true;
      return false;
    };
  },
  explain: (tests, facts) => [
    {
      part: 'path',
      holds: path.compile(tests)(facts),
      seen: /^[!-~]{1,64}$/.test(facts.path)
        ? `path ${facts.path}`
        : `path ${quotedBytes(facts.path)}`,
    },
  ],
};

function compileTest(test: PathTest): Condition {
  if (test.exact !== undefined) {
    const wanted = comparablePath(test.exact);
    return (facts) => facts.path === wanted;
  }
  if (test.regex !== undefined) {
    const found = compileRegex(test.regex);
    return (facts) => found(facts.path);
  }
  const prefix = comparablePath(test.prefix ?? '/').replace(/\/$/, '');
  const end = prefix.length;
  // "/" takes every path, that of `OPTIONS *` too.
  if (end === 0) return () => true;
  return ({ path: whole }) =>
    whole.startsWith(prefix) && (whole.length === end || whole.charCodeAt(end) === slash);
}

const slash = 0x2f;
