import * as z from 'zod';
import { bytesOf } from './byte-text.ts';
import { mustBe } from './expectation.ts';
import { compileNamed, explainNamed, type NamedTests } from './named-values.ts';
import type { Part } from './part.ts';
import { anyQueryValue } from './query-values.ts';
import { testsSchema } from './text-test.ts';

const parameterName = z
  .string({ error: mustBe('TN2001', 'text') })
  .min(1, { error: mustBe('TN2014', 'the name of a query parameter') });

/** Query parameters by name, decoded (`%41`, `+`). Of a name that stands several times, any value. */
export const query: Part<NamedTests> = {
  schema: z.record(parameterName, testsSchema, {
    error: mustBe('TN2001', 'a mapping of parameter names to tests'),
  }),
  compile: (tests) =>
    compileNamed(tests, bytesOf, (facts, name, test) => anyQueryValue(facts.query, name, test)),
  explain: (tests, facts) =>
    explainNamed(
      'query',
      tests,
      (one) => query.compile(one)(facts),
      (name) => firstValue(facts.query, bytesOf(name)),
    ),
};

function firstValue(queryText: string, name: string): string | undefined {
  let first: string | undefined;
  anyQueryValue(queryText, name, (bytes) => {
    first = bytes;
    return true;
  });
  return first;
}
