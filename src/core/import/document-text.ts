import { Document, isCollection, visit } from 'yaml';
import type { PlacedRoute } from './by-host.ts';
import type { Imported } from './imported-route.ts';
import { Names } from './names.ts';

/** A document as text, and which of its lines are which route's. */
export interface DocumentText {
  readonly text: string;
  /** The last line before all routes, counted from 1. */
  readonly headLines: number;
  /** The last line of each route. */
  readonly lastLines: readonly number[];
}

/** Returns the document of routes: for people, so each says above it where it comes from. */
export function documentText(
  routes: readonly PlacedRoute[],
  { defaults, comments }: Pick<Imported, 'defaults' | 'comments'>,
): DocumentText {
  const names = new Names();
  const head = [...commentLines(comments, ''), 'apiVersion: turnout/v1'];
  if (defaults !== undefined) head.push(...yamlLines({ defaults }));
  head.push('routes:');
  const headLines = head.length;
  const lines = head;
  const lastLines: number[] = [];
  for (const { route, match } of routes) {
    const { name, body } = route;
    const written = { name: names.give(name), ...(match === undefined ? {} : { match }), ...body };
    lines.push(...commentLines(route.comments, '  '));
    for (const line of yamlLines([written])) lines.push(`  ${line}`);
    lastLines.push(lines.length);
  }
  return { text: `${lines.join('\n')}\n`, headLines, lastLines };
}

/** What fits into so many characters stands on one line. */
const widest = 84;

function yamlLines(value: unknown): readonly string[] {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      const isOuter = path.filter(isCollection).length < (Array.isArray(value) ? 2 : 1);
      node.flow = !isOuter && JSON.stringify(node.toJSON()).length <= widest;
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return text.trimEnd().split('\n');
}

/** Names of objects come from outside: nothing in them may end a comment. */
function commentLines(comments: readonly string[], indent: string): readonly string[] {
  return comments.map((comment) => {
    const oneLine = comment.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
    return `${indent}# ${oneLine.slice(0, 400)}`;
  });
}
