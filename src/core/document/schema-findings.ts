import type * as z from 'zod';
import { quoted } from '#core/conditions/quoted';
import type { Finding } from './finding.ts';
import { documentWords, type KnownWords, strategiesWith } from './known-words.ts';
import { didYouMean, likely } from './likely.ts';
import { at, nearest, type Path, pathText, placeText } from './path-text.ts';
import { type KnownCode, problemCodes } from './problem-codes.ts';
import { shownValue } from './shown-value.ts';
import type { Tree } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** What a schema was held against, and what is known of it. */
export interface Held {
  readonly top: Tree;
  readonly words: KnownWords;
  /** How all of it is called: `the document`. */
  readonly whole: string;
}

/** Returns what a schema found wrong, at the places of the document, in words of its author. */
export function schemaFindings(
  issues: readonly Issue[],
  top: Tree,
  { words, whole }: Omit<Held, 'top'> = { words: documentWords, whole: 'the document' },
): readonly Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, [], { top, words, whole }));
}

function findingsOf(issue: Issue, before: Path, held: Held): readonly Finding[] {
  // Keys of documents are text and indices are numbers: symbols never come in.
  const path = [...before, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, held);
  if (issue.code === 'invalid_key') return keyFindings(issue, path, held);
  const place = at(held.top, path);
  if (place === undefined) return [missing(path, held)];
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors);
    if (meant !== undefined) return meant.flatMap((inner) => findingsOf(inner, path, held));
  }
  return [wrongValue(issue, path, place, held)];
}

function unknownKeys(keys: readonly string[], path: Path, held: Held): readonly Finding[] {
  const { top, words } = held;
  const known = words.keysAt(path);
  return keys.map((key) => {
    const place = nearest(top, [...path, key]);
    if (known.includes(key)) return strayKey(key, path, top);
    const isMerge = key === '<<';
    return {
      code: 'TN2004',
      message: `unknown key ${quoted(key)} in ${nameOf(path, held)}`,
      hint: isMerge
        ? 'merge keys are not YAML 1.2; "defaults" holds what all routes share'
        : didYouMean(likely(key, known)),
      span: place.keySpan ?? place.span,
    };
  });
}

/** A key that is known where it stands, but not to the strategy of its rollout. */
function strayKey(key: string, path: Path, top: Tree): Finding {
  const place = nearest(top, [...path, key]);
  const end = path.indexOf('rollout') + 1;
  const strategy = at(top, [...path.slice(0, end), 'strategy'])?.value;
  const others = strategiesWith(path.slice(end), key).filter((other) => other !== strategy);
  return {
    code: 'TN2027',
    message: `${pathText([...path, key])} says nothing to the strategy ${strategy}`,
    hint: `it belongs to ${others.join(', ')}`,
    span: place.keySpan ?? place.span,
  };
}

function nameOf(path: Path, { top, whole }: Held): string {
  return path.length === 0 ? whole : placeText(path, top);
}

function missing(path: Path, held: Held): Finding {
  const parent = path.slice(0, -1);
  const place = nearest(held.top, parent);
  const { start } = place.span;
  return {
    code: 'TN2002',
    message: `${nameOf(parent, held)} needs a key "${path.at(-1)}"`,
    span: place.keySpan ?? { start, end: start + 1 },
  };
}

/** A key of a mapping that is named by its author: the name of a version, a header. */
function keyFindings(
  issue: z.core.$ZodIssueInvalidKey,
  path: Path,
  held: Held,
): readonly Finding[] {
  const place = nearest(held.top, path);
  const span = place.keySpan ?? place.span;
  const parent = nameOf(path.slice(0, -1), held);
  return issue.issues.slice(0, 1).map((inner) => {
    const { code, says, hint } = expectationOf(inner.message);
    const message = `a key of ${parent} ${says}, got ${shownValue(path.at(-1))}`;
    return { code, message, hint, span };
  });
}

function wrongValue(issue: Issue, path: Path, place: Tree, { words, whole }: Held): Finding {
  const { code, says, hint } = expectationOf(issue.message);
  const { value } = place;
  const name = path.length === 0 ? whole : pathText(path);
  const got = says.startsWith('must be') ? `, got ${shownValue(value)}` : '';
  return {
    code,
    message: `${name} ${says}${got}`,
    hint: hint ?? hintFor(code, value, path, words),
    span: place.span,
  };
}

function hintFor(
  code: KnownCode,
  value: unknown,
  path: Path,
  words: KnownWords,
): string | undefined {
  if (typeof value === 'string') return didYouMean(likely(value, words.wordsAt(path)));
  if (code === 'TN2009' && typeof value === 'number') {
    return `a duration has a unit: ${value}s, ${value}ms`;
  }
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  return isPlain && code === 'TN2001' && takesText(path, words)
    ? `text is written in quotes: "${value}"`
    : undefined;
}

function takesText(path: Path, words: KnownWords): boolean {
  return words.schemasAt(path).some((schema) => schema.type === 'string');
}

/**
 * Returns what is wrong inside the one way of writing that its author meant: the one whose
 * kind (text, list, mapping) is right. Undefined where no kind is.
 */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => !issues.some(isWrongKind));
}

function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((one) => one.some(isWrongKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

interface Expectation {
  readonly code: KnownCode;
  readonly says: string;
  readonly hint: string | undefined;
}

/** Takes apart what `mustBe` and `mustHave` put together. */
function expectationOf(message: string): Expectation {
  const [, code = '', says = '', hint] = /^(TN\d{4}) ([^\n]*)(?:\n(.*))?$/s.exec(message) ?? [];
  if (code in problemCodes) return { code: code as KnownCode, says, hint };
  throw new Error(`a schema says "${message}" without a code of its own`);
}
