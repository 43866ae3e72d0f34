import type { ObjectReference } from './object-reference.ts';
import type { HttpRoute } from './schema.ts';
import { namesOf } from './services.ts';

/** Returns the names of services that no backend of these HTTPRoutes can mean. */
export function unusedServices(
  names: readonly string[],
  objects: readonly HttpRoute[],
): readonly string[] {
  const meant = new Set(objects.flatMap(namesIn));
  return names.filter((name) => !meant.has(name));
}

function namesIn({ metadata, spec }: HttpRoute): readonly string[] {
  const { namespace = 'default' } = metadata;
  return (spec.rules ?? []).flatMap(({ backendRefs = [], filters = [] }) => {
    const mirrors = filters.map(({ requestMirror }) => requestMirror?.backendRef);
    const references: readonly (ObjectReference | undefined)[] = [...backendRefs, ...mirrors];
    return references.flatMap((one) => (one === undefined ? [] : namesOf(one, namespace)));
  });
}
