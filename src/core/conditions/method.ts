import * as z from 'zod';
import { mustBe } from './expectation.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';
import { quotedBytes } from './quoted.ts';

export const isMethod = mustBe('TN2021', 'a method in capital letters such as GET');

export const methodName = z
  .string({ error: isMethod })
  .regex(/^[A-Z][A-Z0-9_-]{0,31}$/, { error: isMethod });

/** The method; any of a list. `GET` does not stand for `HEAD`. */
export const method: Part<readonly string[]> = {
  schema: oneOrMore(methodName, isMethod),
  compile: (methods) => {
    const [only] = methods;
    if (methods.length === 1) return (facts) => facts.method === only;
    const set = new Set(methods);
    return (facts) => set.has(facts.method);
  },
  explain: (methods, facts) => [
    {
      part: 'method',
      holds: method.compile(methods)(facts),
      seen: /^[\w-]{1,32}$/.test(facts.method)
        ? `method ${facts.method}`
        : `method ${quotedBytes(facts.method)}`,
    },
  ],
};
