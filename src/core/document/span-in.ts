import type { Span } from './finding.ts';
import { nearest, type Path } from './path-text.ts';
import type { Tree } from './tree.ts';

/** Returns where a value stands: of a mapping or list its key, which is easier to see. */
export function spanIn(tree: Tree, path: Path): Span {
  const { children, keySpan, span } = nearest(tree, path);
  if (children.size === 0) return span;
  return keySpan ?? { start: span.start, end: span.start + 1 };
}
