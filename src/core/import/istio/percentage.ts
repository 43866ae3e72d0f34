import type { Tree } from '#core/document/tree';
import { numberAt } from '../value.ts';

/** Returns a percentage as a document says it, with 3 decimals at most; all where none is said. */
export function percentAt(tree: Tree, ...paths: readonly (readonly string[])[]): string {
  for (const path of paths) {
    const percent = numberAt(tree, path);
    if (percent === undefined) continue;
    return `${Math.round(Math.min(100, Math.max(0, percent)) * 1_000) / 1_000}%`;
  }
  return '100%';
}
