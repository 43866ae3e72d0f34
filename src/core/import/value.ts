import type { Span } from '#core/document/finding';
import { at, nearest, type Path } from '#core/document/path-text';
import type { Tree } from '#core/document/tree';

/** Returns what stands at a path; undefined where there is nothing, or null. */
export function treeAt(tree: Tree, path: Path): Tree | undefined {
  const found = at(tree, path);
  return found === undefined || found.value === null ? undefined : found;
}

/** Returns the text at a path; undefined where there is none. */
export function textAt(tree: Tree, path: Path): string | undefined {
  const value = treeAt(tree, path)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Returns the number at a path; undefined where there is none. */
export function numberAt(tree: Tree, path: Path): number | undefined {
  const value = treeAt(tree, path)?.value;
  return typeof value === 'number' ? value : undefined;
}

/** Returns whether `true` stands at a path. */
export function isTrueAt(tree: Tree, path: Path): boolean {
  return treeAt(tree, path)?.value === true;
}

/** Returns the items of the list at a path; none where there is no list. */
export function listAt(tree: Tree, path: Path): readonly Tree[] {
  const found = treeAt(tree, path);
  return found !== undefined && Array.isArray(found.value) ? [...found.children.values()] : [];
}

/** Returns the texts of the list at a path. */
export function textsAt(tree: Tree, path: Path): readonly string[] {
  return listAt(tree, path).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}

/** Returns the entries of the mapping at a path, in document order. */
export function entriesAt(tree: Tree, path: Path): readonly (readonly [string, Tree])[] {
  const found = treeAt(tree, path);
  if (found === undefined || Array.isArray(found.value)) return [];
  return [...found.children.entries()].filter(([, { value }]) => value !== null);
}

/** Returns where the key at a path stands, or else the nearest thing around it. */
export function placeOf(tree: Tree, path: Path = []): Span {
  const { keySpan, span } = nearest(tree, path);
  return keySpan ?? { start: span.start, end: span.start + 1 };
}
