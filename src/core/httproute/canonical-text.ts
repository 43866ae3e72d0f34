import type { KubernetesObject } from '#core/kubernetes/objects';
import { nameOfObject } from './names.ts';
import { apiVersions } from './schema.ts';

/**
 * Returns HTTPRoutes as the text of a document, one a line: the same on every replica, whatever
 * the order in which they came, and whatever their status and versions are.
 */
export function canonicalText(objects: Iterable<KubernetesObject>): string {
  const items = [...objects].map((object) => ({ name: nameOfObject(object), object }));
  items.sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = items.map(({ object }) => JSON.stringify(servedObject(object), sortedKeys));
  return `{"apiVersion":"v1","kind":"List","items":[\n${lines.join(',\n')}\n]}\n`;
}

/** Objects of a list do not say their kind. */
function servedObject({ metadata, ...rest }: KubernetesObject & { readonly spec?: unknown }) {
  const { name, namespace, creationTimestamp } = metadata;
  return {
    apiVersion: apiVersions[0],
    kind: 'HTTPRoute',
    metadata: { name, namespace, creationTimestamp },
    spec: rest.spec,
  };
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
