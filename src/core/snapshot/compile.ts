import type { Document } from '#core/document/document';
import { indexRoutes } from '#core/routing/route-index';
import { compileRoute, type RowOf } from './compile-route.ts';
import { fieldNames } from './field-names.ts';
import { newShared } from './shared.ts';
import type { Snapshot } from './snapshot.ts';

export interface CompileOptions {
  /** Of the document's content; see `Snapshot.hash`. */
  readonly hash: string;
  readonly rowOf: RowOf;
}

/** Returns the snapshot of a document. Never throws for one that `read` accepts. */
export function compile(document: Document, { hash, rowOf }: CompileOptions): Snapshot {
  let versions = 0;
  const common = { rowOf, nextIndex: () => versions++, shared: newShared() };
  const routes = document.routes.map((rule, index) => compileRoute(rule, index, common));
  return Object.freeze({
    hash,
    document,
    routes: Object.freeze(routes),
    fieldNames: fieldNames(document),
    find: indexRoutes(routes),
  });
}
