import type { ConfigMap, ObjectMeta } from '#core/kubernetes/objects';
import type { Content } from './read-content.ts';

/** A key of a ConfigMap. */
export interface ConfigMapPlace {
  readonly namespace: string;
  readonly name: string;
  /** Undefined: `routes.yaml`, or the only one there is. */
  readonly key: string | undefined;
}

const usualKey = 'routes.yaml';

/** Returns the key that a document is read from. */
function keyIn({ key }: ConfigMapPlace, configMap: ConfigMap): string {
  if (key !== undefined) return key;
  const keys = keysOf(configMap);
  const [only] = keys;
  return only !== undefined && keys.length === 1 ? only : usualKey;
}

/** Returns what a ConfigMap holds for a place, or why that is nothing. */
export function configMapContent(place: ConfigMapPlace, configMap: ConfigMap | undefined): Content {
  const what = `configmap ${place.namespace}/${place.name}`;
  if (configMap === undefined) {
    const message = `${what}: there is none; make it, or name another with --rules`;
    return { kind: 'trouble', message };
  }
  const key = keyIn(place, configMap);
  const text = configMap.data?.[key];
  const base64 = configMap.binaryData?.[key];
  if (text === undefined && base64 === undefined) {
    const keys = keysOf(configMap);
    const others = keys.length === 0 ? 'no key at all' : `no key ${key}, only ${keys.join(', ')}`;
    const remedy = `name one: --rules configmap:${place.namespace}/${place.name}/KEY`;
    return { kind: 'trouble', message: `${what}: has ${others}; ${remedy}` };
  }
  const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
  const writtenAt = lastWrittenAt(configMap.metadata);
  const name = `${what}, ${key}`;
  return { kind: 'bytes', bytes, name, ...(writtenAt === undefined ? {} : { writtenAt }) };
}

function keysOf({ data, binaryData }: ConfigMap): readonly string[] {
  return [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})];
}

/** Returns when an object was last written: the API tells whole seconds. */
function lastWrittenAt({ managedFields, creationTimestamp }: ObjectMeta): number | undefined {
  const times = (managedFields ?? []).map(({ time }) => time ?? '');
  const instants = [...times, creationTimestamp ?? ''].map((time) => Date.parse(time));
  const known = instants.filter((instant) => Number.isFinite(instant));
  return known.length === 0 ? undefined : Math.max(...known);
}
