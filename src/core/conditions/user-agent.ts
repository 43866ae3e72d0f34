import type { Part } from './part.ts';
import { quotedBytes } from './quoted.ts';
import { compileTests, testsSchema } from './text-test.ts';
import type { Test } from './when.ts';

/** The User-Agent field as it was sent. */
export const userAgent: Part<readonly Test[]> = {
  schema: testsSchema,
  compile: (tests) => {
    const test = compileTests(tests);
    return (facts) => test(facts.header('user-agent'));
  },
  explain: (tests, facts) => {
    const value = facts.header('user-agent');
    const seen = value === undefined ? 'no user agent' : `user agent is ${quotedBytes(value)}`;
    return [{ part: 'userAgent', holds: userAgent.compile(tests)(facts), seen }];
  },
};
