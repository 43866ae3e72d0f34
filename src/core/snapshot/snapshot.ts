import type { Facts } from '#core/conditions/facts';
import type { Document } from '#core/document/document';
import type { Route } from '#core/routing/route';

/** Everything a request needs, compiled from a document and frozen. */
export interface Snapshot {
  /** 12 hex digits of the document's content: equal on all replicas. */
  readonly hash: string;
  readonly document: Document;
  readonly routes: readonly Route[];
  /** Lower-case names of the fields that the document tests, sets or uses as unit. */
  readonly fieldNames: ReadonlySet<string>;
  /** Returns the first route in document order whose `match` holds. */
  readonly find: (facts: Facts) => Route | undefined;
}
