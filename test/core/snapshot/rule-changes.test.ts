import { test } from 'tap';
import type { Document } from '#core/document/document';
import { compile } from '#core/snapshot/compile';
import { ruleChanges, withChanges } from '#core/snapshot/rule-changes';
import { rule, version } from '../routing/made-up.ts';

const names = ['a', 'b', 'c'];
const document: Document = {
  apiVersion: 'turnout/v1',
  routes: names.map((name) => rule({ name, match: { host: [`${name}.example.com`] } })),
};
const options = { hash: 'aaa', rowOf: () => 0 };

/** The document with another rule for its second route. */
function changed(...versions: readonly string[]): Document {
  const second = rule({ name: 'b', versions: versions.map((name) => version(name)) });
  return { ...document, routes: document.routes.with(1, second) };
}

test('a document with its changes is the other one', async (t) => {
  const after = changed('v1', 'v9');
  const changes = ruleChanges(document, after) ?? [];
  t.strictSame(
    changes.map(([index]) => index),
    [1],
  );
  t.strictSame(withChanges(document, changes), after);
  t.strictSame(ruleChanges(document, document), []);
});

test('documents with more or fewer routes have no changes', async (t) => {
  t.equal(ruleChanges(document, { ...document, routes: document.routes.slice(1) }), undefined);
});

test('what is the same rule at the same place is not compiled again', async (t) => {
  const before = compile(document, options);
  const after = compile(changed('v1', 'v9'), { ...options, before });
  t.equal(after.routes[0], before.routes[0]);
  t.not(after.routes[1], before.routes[1]);
  t.equal(after.routes[2], before.routes[2]);
  const indexes = after.routes.flatMap(({ versions }) => versions.map(({ index }) => index));
  t.strictSame(indexes, [...indexes.keys()], 'versions are numbered one after the other');
});

test('a route whose versions have other numbers is compiled again', async (t) => {
  const before = compile(document, options);
  const after = compile(changed('v1', 'v2', 'v3'), { ...options, before });
  t.not(after.routes[2], before.routes[2]);
  const indexes = after.routes.flatMap(({ versions }) => versions.map(({ index }) => index));
  t.strictSame(indexes, [...indexes.keys()]);
});
