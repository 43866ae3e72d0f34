import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '#core/kubernetes/objects';
import { keyOf } from './paths.ts';
import type { WatchEvent } from './watch-event.ts';

/**
 * The objects that a watch knows.
 *
 * Objects are compared by what they hold: versions do not tell, because a server that was restored
 * from a backup counts on from an old one.
 */
export class KnownObjects<T extends KubernetesObject> {
  #objects = new Map<string, T>();

  /** All of them, by namespace/name, for whoever keeps it. */
  all(): ReadonlyMap<string, T> {
    return new Map(this.#objects);
  }

  /** Takes what a list holds: what is not in it has vanished. Returns whether anything is different. */
  replace(objects: Map<string, T>): boolean {
    const before = this.#objects;
    this.#objects = objects;
    if (objects.size !== before.size) return true;
    return [...objects].some(([key, object]) => !isDeepStrictEqual(object, before.get(key)));
  }

  /** Takes one event. Returns whether anything is different. */
  take(event: WatchEvent<T>): boolean {
    if (event.kind !== 'stored' && event.kind !== 'removed') return false;
    const key = keyOf(event.object);
    if (event.kind === 'removed') return this.#objects.delete(key);
    const before = this.#objects.get(key);
    this.#objects.set(key, event.object);
    return !isDeepStrictEqual(before, event.object);
  }
}
