import type { Selection, WatchRestart } from '#core/kubernetes/api';
import { describe } from './paths.ts';

/** Returns what keeps a watch from hearing, as a sentence with its remedy. */
export function troubleOf(
  selection: Selection,
  verb: 'list' | 'watch',
  reason: WatchRestart,
  message: string,
): string {
  const what = describe(selection);
  if (reason === 'forbidden') {
    return `${what}: may not ${verb}: ${message}; ${grant(selection)}`;
  }
  if (reason === 'unauthorized') {
    return `${what}: the API server does not take our token or certificate: ${message}`;
  }
  return `${what}: ${message}`;
}

/** Returns the rule that a Role needs. */
function grant({ resource, namespace, name }: Selection): string {
  const names = name === undefined ? '' : `, resourceNames: ["${name}"]`;
  const rule = `apiGroups: ["${resource.group}"], resources: ["${resource.plural}"]${names}`;
  return `a Role in namespace ${namespace} must grant it: { ${rule}, verbs: [get, list, watch] }`;
}
