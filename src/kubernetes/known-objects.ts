import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '#core/kubernetes/objects';
import { keyOf } from './paths.ts';
import type { WatchEvent } from './watch-event.ts';

/**
 * The objects that a watch knows, and what it has told of them.
 *
 * Objects are compared by what they hold: versions do not tell, because a server that was restored
 * from a backup counts on from an old one.
 */
export class KnownObjects<T extends KubernetesObject> {
  #objects = new Map<string, T>();
  #told: ReadonlyMap<string, T> | undefined;

  /** Takes what a list holds: what is not in it has vanished. */
  replace(objects: Map<string, T>): void {
    this.#objects = objects;
  }

  take(event: WatchEvent<T>): void {
    if (event.kind === 'stored') this.#objects.set(keyOf(event.object), event.object);
    if (event.kind === 'removed') this.#objects.delete(keyOf(event.object));
  }

  /** Returns all objects, by namespace/name, where these are others than last time. */
  news(): ReadonlyMap<string, T> | undefined {
    if (this.#told !== undefined && isSame(this.#objects, this.#told)) return undefined;
    this.#told = new Map(this.#objects);
    return this.#told;
  }
}

function isSame<T>(now: ReadonlyMap<string, T>, before: ReadonlyMap<string, T>): boolean {
  if (now.size !== before.size) return false;
  // What no event was about is the same object still.
  return [...now].every(([key, object]) => isDeepStrictEqual(object, before.get(key)));
}
