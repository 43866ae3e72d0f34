import * as z from 'zod';
import { mustBe } from './expectation.ts';
import type { Facts } from './facts.ts';
import { cookieName } from './field-name.ts';
import { type Ask, compileNamed, explainNamed, type NamedTests } from './named-values.ts';
import type { Part } from './part.ts';
import { testsSchema } from './text-test.ts';

const ask: Ask = (facts, name, test) => test(cookieValue(facts, name));

/** Cookies by name: the first of a name counts, without the quotes that may stand around it. */
export const cookie: Part<NamedTests> = {
  schema: z.record(cookieName, testsSchema, {
    error: mustBe('TN2001', 'a mapping of cookie names to tests'),
  }),
  compile: (tests) => compileNamed(tests, (name) => name, ask),
  explain: (tests, facts) =>
    explainNamed(
      'cookie',
      tests,
      (one) => cookie.compile(one)(facts),
      (name) => cookieValue(facts, name),
    ),
};

const quote = 0x22;

function cookieValue(facts: Facts, name: string): string | undefined {
  const value = facts.cookie(name);
  if (value === undefined || value.length < 2 || value.charCodeAt(0) !== quote) return value;
  return value.charCodeAt(value.length - 1) === quote ? value.slice(1, -1) : value;
}
