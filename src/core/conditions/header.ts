import * as z from 'zod';
import { mustBe } from './expectation.ts';
import { fieldName } from './field-name.ts';
import { type Ask, compileNamed, explainNamed, type NamedTests } from './named-values.ts';
import type { Part } from './part.ts';
import { testsSchema } from './text-test.ts';

const ask: Ask = (facts, name, test) => test(facts.header(name));

/** Fields by name. A field that stands several times is one value, joined by `, `. */
export const header: Part<NamedTests> = {
  schema: z.record(fieldName, testsSchema, {
    error: mustBe('TN2001', 'a mapping of header names to tests'),
  }),
  compile: (tests) => compileNamed(tests, (name) => name.toLowerCase(), ask),
  explain: (tests, facts) =>
    explainNamed(
      'header',
      tests,
      (one) => header.compile(one)(facts),
      (name) => facts.header(name.toLowerCase()),
    ),
};
