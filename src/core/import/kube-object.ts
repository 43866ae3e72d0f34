import type { Tree } from '#core/document/tree';
import { listAt, textAt, treeAt } from './value.ts';

/** An object of the Kubernetes API as it stands in a text. */
export interface KubeObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  /** '' where none is said. */
  readonly namespace: string;
  readonly tree: Tree;
}

/** Returns the objects of documents, in order; those of lists one by one. */
export function objectsIn(documents: readonly Tree[]): readonly KubeObject[] {
  return documents.flatMap((tree) => {
    const kind = textAt(tree, ['kind']) ?? '';
    const items = treeAt(tree, ['items']);
    if (kind.endsWith('List') && items !== undefined) return objectsIn(listAt(tree, ['items']));
    return [
      {
        kind,
        apiVersion: textAt(tree, ['apiVersion']) ?? '',
        name: textAt(tree, ['metadata', 'name']) ?? '',
        namespace: textAt(tree, ['metadata', 'namespace']) ?? '',
        tree,
      },
    ];
  });
}

/** Returns `shop/web`, or `web` where no namespace is said. */
export function fullName({ namespace, name }: Pick<KubeObject, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * Orders objects as their controllers do: the oldest first. Where a file does not say how old they
 * all are, its own order counts.
 */
export function byAge(objects: readonly KubeObject[]): readonly KubeObject[] {
  const aged = objects.map((object) => ({
    object,
    madeAt: textAt(object.tree, ['metadata', 'creationTimestamp']) ?? '',
  }));
  if (aged.some(({ madeAt }) => madeAt === '')) return objects;
  // RFC 3339 in UTC, seconds only: sorted as text.
  return aged
    .toSorted(
      (a, b) => compare(a.madeAt, b.madeAt) || compare(fullName(a.object), fullName(b.object)),
    )
    .map(({ object }) => object);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
