import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { quoted } from '#core/conditions/quoted';
import type { Finding, Span } from './finding.ts';
import type { Lines } from './lines.ts';

/** A value of a document, and where it stands in the text. */
export interface Tree {
  readonly value: unknown;
  readonly span: Span;
  /** Where its key stands; undefined in lists and at the top. */
  readonly keySpan: Span | undefined;
  /** What is in a mapping or list, by key or index, in document order. */
  readonly children: ReadonlyMap<string, Tree>;
  /** How many values it is, aliases followed. */
  readonly size: number;
}

export const maxDepth = 64;
export const maxAliases = 100;
/** What all aliases of a document may stand for together. */
export const maxAliasedValues = 10_000;

/**
 * Returns the parsed documents of a text as values with places; what cannot be one is left out.
 * Anchors are known in their own document; what aliases stand for is counted for all of them.
 */
export function treesOf(
  nodes: readonly Node[],
  lines: Lines,
  report: (finding: Finding) => void,
): readonly Tree[] {
  const planter = new Planter(lines, report);
  return nodes.map((node) => planter.plantDocument(node)).filter((tree) => tree !== undefined);
}

const nothing: ReadonlyMap<string, Tree> = new Map();

/** Walks the nodes once, in document order. Its depth is bounded, so it may recurse. */
class Planter {
  readonly #lines: Lines;
  readonly #report: (finding: Finding) => void;
  /** What each anchor stands for; undefined while the walk is inside it. */
  readonly #anchors = new Map<string, Tree | undefined>();
  #aliases = 0;
  #aliasedValues = 0;

  constructor(lines: Lines, report: (finding: Finding) => void) {
    this.#lines = lines;
    this.#report = report;
  }

  plantDocument(node: Node): Tree | undefined {
    this.#anchors.clear();
    return this.#plant(node, undefined, 0, { start: 0, end: 0 });
  }

  #plant(
    node: Node | null | undefined,
    keySpan: Span | undefined,
    depth: number,
    nowhere: Span,
  ): Tree | undefined {
    if (node === null || node === undefined) return leaf(null, nowhere, keySpan);
    const span = spanOf(node) ?? nowhere;
    if (depth > maxDepth) {
      return this.#refuse('TN1003', `nested deeper than ${maxDepth} levels`, span);
    }
    if (isAlias(node)) return this.#aliased(node, span, keySpan);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, undefined);
    const tree = this.#plantValue(node, span, keySpan, depth);
    if (node.anchor !== undefined && tree !== undefined) this.#anchors.set(node.anchor, tree);
    return tree;
  }

  #plantValue(node: Node, span: Span, keySpan: Span | undefined, depth: number): Tree | undefined {
    if (isMap<Node, Node | null>(node)) return this.#mapping(node, span, keySpan, depth);
    if (isSeq<Node>(node)) return this.#list(node, span, keySpan, depth);
    const value: unknown = isScalar(node) ? node.value : null;
    const isEmpty = span.start === span.end;
    return leaf(value, isEmpty ? (keySpan ?? span) : span, keySpan);
  }

  #mapping(
    node: YAMLMap<Node, Node | null>,
    span: Span,
    keySpan: Span | undefined,
    depth: number,
  ): Tree {
    const children = new Map<string, Tree>();
    const value: Record<string, unknown> = {};
    let size = 1;
    for (const pair of node.items) {
      const key = this.#keyOf(pair, children, span);
      if (key === undefined) continue;
      const child = this.#plant(pair.value, key.span, depth + 1, key.span);
      if (child === undefined) continue;
      children.set(key.text, child);
      value[key.text] = child.value;
      size += child.size;
    }
    return { value, span, keySpan, children, size };
  }

  /** Returns the key of a pair as text, as it is written: `010` is not 10. */
  #keyOf(
    pair: Pair<Node, Node | null>,
    known: ReadonlyMap<string, Tree>,
    parent: Span,
  ): { readonly text: string; readonly span: Span } | undefined {
    const span = spanOf(pair.key) ?? parent;
    const text = isScalar(pair.key) ? textOfKey(pair.key) : undefined;
    if (text === undefined || text === '__proto__') {
      return this.#refuse('TN1009', 'a key must be text', span);
    }
    const before = known.get(text);
    if (before === undefined) return { text, span };
    const { line } = this.#lines.placeOf(before.keySpan?.start ?? 0);
    const message = `key ${quoted(text)} stands twice in one mapping, first in line ${line}`;
    return this.#refuse('TN1006', message, span);
  }

  #list(node: YAMLSeq<Node>, span: Span, keySpan: Span | undefined, depth: number): Tree {
    const children = new Map<string, Tree>();
    const value: unknown[] = [];
    let size = 1;
    for (const [index, item] of node.items.entries()) {
      const child = this.#plant(item, undefined, depth + 1, span);
      if (child === undefined) continue;
      children.set(String(index), child);
      value.push(child.value);
      size += child.size;
    }
    return { value, span, keySpan, children, size };
  }

  #aliased(alias: Alias, span: Span, keySpan: Span | undefined): Tree | undefined {
    const { source } = alias;
    const name = quoted(source);
    if (!this.#anchors.has(source)) {
      const hint = 'text that begins with * needs quotes';
      return this.#refuse('TN1010', `no anchor ${name} stands before this alias`, span, hint);
    }
    const target = this.#anchors.get(source);
    if (target === undefined) {
      return this.#refuse('TN1005', `alias ${name} stands inside what it stands for`, span);
    }
    this.#aliases += 1;
    this.#aliasedValues += target.size;
    if (this.#aliases > maxAliases) {
      return this.#refuse('TN1004', `more than ${maxAliases} aliases`, span);
    }
    if (this.#aliasedValues > maxAliasedValues) {
      const message = `aliases stand for more than ${maxAliasedValues} values`;
      return this.#refuse('TN1004', message, span);
    }
    return { ...target, keySpan };
  }

  #refuse(code: Finding['code'], message: string, span: Span, hint?: string): undefined {
    this.#report({ code, message, hint, span });
    return undefined;
  }
}

function leaf(value: unknown, span: Span, keySpan: Span | undefined): Tree {
  return { value, span, keySpan, children: nothing, size: 1 };
}

function spanOf(node: Node | null | undefined): Span | undefined {
  const range = node?.range;
  return range === null || range === undefined ? undefined : { start: range[0], end: range[1] };
}

function textOfKey(key: {
  readonly value: unknown;
  readonly source?: string | undefined;
}): string | undefined {
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? undefined : key.source;
}
