import {
  type Document,
  type ErrorCode,
  isScalar,
  type ParsedNode,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import type { Finding } from './finding.ts';
import type { Lines } from './lines.ts';
import { type Tree, treesOf } from './tree.ts';

const mebibyte = 1_048_576;
export const maxBytes = mebibyte;
const maxSyntaxProblems = 20;

/**
 * Returns the documents of a text as values with places, empty ones left out; none where its
 * syntax is wrong, which is reported.
 */
export function parseYaml(
  text: string,
  lines: Lines,
  report: (finding: Finding) => void,
  mostBytes = maxBytes,
): readonly Tree[] {
  const start = { start: 0, end: 1 };
  if (utf8Length(text, mostBytes) > mostBytes) {
    const message = `the document is larger than ${mostBytes / mebibyte} MiB`;
    report({ code: 'TN1002', message, span: start });
    return [];
  }
  const documents: readonly Document.Parsed[] = parseAllDocuments(text, {
    prettyErrors: false,
    // Found by the tree, which knows keys as text and both places.
    uniqueKeys: false,
    version: '1.2',
  });
  const errors = syntaxProblems(documents);
  for (const finding of errors) report(finding);
  if (errors.length > 0) return [];
  const contents = documents.flatMap(({ contents: node }) =>
    node === null || isEmpty(node) ? [] : [node],
  );
  if (contents.length === 0) {
    report({ code: 'TN1011', message: 'the document is empty', span: start });
    return [];
  }
  let isWhole = true;
  const trees = treesOf(contents, lines, (finding) => {
    isWhole = false;
    report(finding);
  });
  return isWhole ? trees : [];
}

/** What stands between two `---` and is nothing, or a comment. */
function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

function syntaxProblems(documents: readonly Document.Parsed[]): readonly Finding[] {
  const errors = documents
    .flatMap((document) => [...document.errors, ...document.warnings])
    .sort((a, b) => a.pos[0] - b.pos[0]);
  const findings = errors.slice(0, maxSyntaxProblems).map(findingOf);
  for (const { directives } of documents) {
    const { explicit, version } = directives.yaml;
    if (explicit !== true || version === '1.2') continue;
    const message = `YAML ${version} is not supported, only 1.2`;
    findings.unshift({ code: 'TN1008', message, span: { start: 0, end: 1 } });
  }
  return findings;
}

const codes: Partial<Record<ErrorCode, Finding['code']>> = {
  TAG_RESOLVE_FAILED: 'TN1008',
  BAD_DIRECTIVE: 'TN1008',
  RESOURCE_EXHAUSTION: 'TN1003',
};

const hints: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it needs quotes',
  BAD_SCALAR_START: 'a value that begins with this character needs quotes',
  MULTILINE_IMPLICIT_KEY: 'is a ":" missing?',
};

function findingOf(error: YAMLError): Finding {
  const [start, end] = error.pos;
  const code = codes[error.code] ?? 'TN1001';
  return { code, message: messageOf(code, error), hint: hints[error.code], span: { start, end } };
}

function messageOf(code: Finding['code'], error: YAMLError): string {
  if (code === 'TN1003') return 'nested deeper than 64 levels';
  const [first = '', ...rest] = error.message.replace(/\s+/g, ' ').trim();
  const message = first.toLowerCase() + rest.join('');
  return code === 'TN1008' ? message : `not YAML: ${message}`;
}

/** Counts the bytes where the answer could be more than `mostBytes`. */
function utf8Length(text: string, mostBytes: number): number {
  const isSure = text.length * 3 <= mostBytes || text.length > mostBytes;
  return isSure ? text.length : new TextEncoder().encode(text).length;
}
