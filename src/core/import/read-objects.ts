import type { Finding } from '#core/document/finding';
import { problemsOf } from '#core/document/finding';
import { Lines, withoutMark } from '#core/document/lines';
import { parseYaml } from '#core/document/parse-yaml';
import type { Problem } from '#core/document/problem';
import { type KubeObject, objectsIn } from './kube-object.ts';

/** What a text of Kubernetes objects holds, or why it cannot be read. */
export type ReadObjects =
  | { readonly kind: 'objects'; readonly objects: readonly KubeObject[]; readonly lines: Lines }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** More than this is no output of kubectl that anybody wants in one document. */
const mostBytes = 64 * 1_048_576;

/** Reads YAML or JSON with one document or several, each an object or a list of them. */
export function readObjects(text: string): ReadObjects {
  const source = withoutMark(text);
  const lines = new Lines(source);
  const findings: Finding[] = [];
  const trees = parseYaml(source, lines, (finding) => findings.push(finding), mostBytes);
  if (findings.length > 0) return { kind: 'problems', problems: problemsOf(findings, lines) };
  return { kind: 'objects', objects: objectsIn(trees), lines };
}
