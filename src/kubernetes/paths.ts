import type { Resource, Selection } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';

/** Returns the path of all objects of a kind in a namespace, or of the one of a name. */
export function pathOf(resource: Resource, namespace: string, name?: string): string {
  const { group, version, plural } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const all = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === undefined ? all : `${all}/${encodeURIComponent(name)}`;
}

/** Returns the part of a query that selects. One object is selected by a field: RBAC can grant that by name. */
export function selectors({ name, labelSelector }: Selection): Record<string, string> {
  return {
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/** Returns how people are told of a selection: `configmaps shop/turnout-rules`. */
export function describe({ resource, namespace, name, labelSelector }: Selection): string {
  const place = name === undefined ? namespace : `${namespace}/${name}`;
  const labels = labelSelector === undefined ? '' : ` (${labelSelector})`;
  return `${resource.plural} ${place}${labels}`;
}

/** Returns what an object is known by among all of its kind: `shop/turnout-rules`. */
export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
