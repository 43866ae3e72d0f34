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
  /** What is the same rule at the same place there is not compiled again. */
  readonly before?: Snapshot | undefined;
}

/** Returns the snapshot of a document. Never throws for one that `read` accepts. */
export function compile(document: Document, { hash, rowOf, before }: CompileOptions): Snapshot {
  let versions = 0;
  const common = { rowOf, nextIndex: () => versions++, shared: newShared() };
  const routes = document.routes.map((rule, index) => {
    const known = before?.routes[index];
    if (known?.rule !== rule || (known.versions[0]?.index ?? versions) !== versions) {
      return compileRoute(rule, index, common);
    }
    versions += known.versions.length;
    return known;
  });
  return Object.freeze({
    hash,
    document,
    routes: Object.freeze(routes),
    fieldNames: fieldNames(document),
    find: indexRoutes(routes),
  });
}
