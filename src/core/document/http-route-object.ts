import * as z from 'zod';
import { nameOfObject } from '#core/httproute/names';
import { type HttpRoute, httpRouteSchema } from '#core/httproute/schema';
import type { Finding } from './finding.ts';
import { knownWords } from './known-words.ts';
import { at } from './path-text.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Tree } from './tree.ts';

const words = knownWords(() => z.toJSONSchema(httpRouteSchema, { io: 'input', target: 'draft-7' }));

/** Returns an object that its schema takes; what is wrong with it is told with its name. */
export function httpRouteObject(
  tree: Tree,
  report: (finding: Finding) => void,
): HttpRoute | undefined {
  const result = httpRouteSchema.safeParse(tree.value);
  if (result.success) return result.data;
  const held = { words, whole: 'the object' };
  for (const finding of schemaFindings(result.error.issues, tree, held)) {
    report({ ...finding, message: `${nameFor(tree)}: ${finding.message}` });
  }
  return undefined;
}

function nameFor(tree: Tree): string {
  const name = at(tree, ['metadata', 'name'])?.value;
  const namespace = at(tree, ['metadata', 'namespace'])?.value;
  if (typeof name !== 'string') return 'HTTPRoute';
  const metadata = typeof namespace === 'string' ? { name, namespace } : { name };
  return `HTTPRoute ${nameOfObject({ metadata })}`;
}
