import type { RouteRule } from '#core/routing/rules';
import type { Finding, Span } from '../finding.ts';
import type { Lines } from '../lines.ts';
import { at, type Path, placeText } from '../path-text.ts';
import type { Tree } from '../tree.ts';

/** A route of a document: as it is written, and as it is meant where its schema holds. */
export interface CheckedRoute {
  readonly index: number;
  readonly tree: Tree;
  readonly rule: RouteRule | undefined;
}

/** A document to be asked whether it makes sense. */
export interface Checked {
  readonly tree: Tree;
  readonly routes: readonly CheckedRoute[];
  readonly lines: Lines;
}

/** Looks at one thing that a schema cannot see: how parts of a document go together. */
export type Check = (checked: Checked) => readonly Finding[];

/** Returns where a value stands: for a mapping or list its key, which is easier to see. */
export function spanAt(checked: Checked, path: Path): Span {
  const place = at(checked.tree, path);
  if (place === undefined) return { start: 0, end: 1 };
  return place.children.size > 0 ? (place.keySpan ?? firstOf(place.span)) : place.span;
}

function firstOf({ start }: Span): Span {
  return { start, end: start + 1 };
}

/** Returns the key of a value. */
export function keySpanAt(checked: Checked, path: Path): Span {
  return at(checked.tree, path)?.keySpan ?? spanAt(checked, path);
}

/** Returns `routes[0] "shop" (line 4)`. */
export function placeWithLine(checked: Checked, path: Path): string {
  return `${placeText(path, checked.tree)} (line ${lineAt(checked, path)})`;
}

export function lineAt(checked: Checked, path: Path): number {
  return checked.lines.placeOf(keySpanAt(checked, path).start).line;
}
