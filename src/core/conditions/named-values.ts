import type { Condition, Finding } from './condition.ts';
import type { Facts } from './facts.ts';
import { quotedBytes } from './quoted.ts';
import { compileTests, type ValueTest } from './text-test.ts';
import type { Test } from './when.ts';

/** Tests by the name of the field, cookie or parameter they are about. All must hold. */
export type NamedTests = Readonly<Record<string, readonly Test[]>>;

/** Asks a question about the value, or each of the values, of a name. */
export type Ask = (facts: Facts, name: string, test: ValueTest) => boolean;

/** Returns whether the values of all names pass. `nameOf` turns a written name into a request's. */
export function compileNamed(
  tests: NamedTests,
  nameOf: (name: string) => string,
  ask: Ask,
): Condition {
  const list = Object.entries(tests).map(([name, values]) => ({
    name: nameOf(name),
    test: compileTests(values),
  }));
  return (facts) => {
    for (const { name, test } of list) if (!ask(facts, name, test)) return false;
    return true;
  };
}

/** Says of each name what the request had: `cookie insider is "yes"`, `no cookie insider`. */
export function explainNamed(
  kind: 'header' | 'query' | 'cookie',
  tests: NamedTests,
  holds: (one: NamedTests) => boolean,
  valueAt: (name: string) => string | undefined,
): readonly Finding[] {
  return Object.entries(tests).map(([name, values]) => {
    const value = valueAt(name);
    const part = `${kind} ${name}`;
    const seen = value === undefined ? `no ${part}` : `${part} is ${quotedBytes(value)}`;
    return { part, holds: holds({ [name]: values }), seen };
  });
}
