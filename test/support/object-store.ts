import { setImmediate as turn } from 'node:timers/promises';
import {
  ApiError,
  type KubernetesApi,
  type Resource,
  type Selection,
  type Watch,
} from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';

/** Objects with resource versions and watches, in memory: an API server without its HTTP. */
export class MadeUpStore implements KubernetesApi {
  readonly namespace = 'shop';
  readonly watches = () => [];
  /** While set, nothing can be read or written. */
  isAway = false;
  /** Done before each write: what somebody else does in between. */
  before: (() => void) | undefined;
  writes = 0;
  #version = 0;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watching = new Set<() => void>();

  async get<T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    await this.#reach();
    // A test knows what it has put there.
    return this.#objects.get(keyOf(resource, namespace, name)) as T | undefined;
  }

  async create<T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    object: T,
  ): Promise<T> {
    await this.#reach();
    this.#beforeWrite();
    const key = keyOf(resource, namespace, object.metadata.name);
    if (this.#objects.has(key)) throw new ApiError(409, 'already exists');
    return this.#put(key, object);
  }

  async replace<T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    object: T,
  ): Promise<T> {
    await this.#reach();
    this.#beforeWrite();
    const key = keyOf(resource, namespace, object.metadata.name);
    this.#check(key, object.metadata.resourceVersion);
    return this.#put(key, object);
  }

  async patch<T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    name: string,
    patch: object,
  ): Promise<T> {
    await this.#reach();
    this.#beforeWrite();
    const key = keyOf(resource, namespace, name);
    const { metadata } = patch as Partial<KubernetesObject>;
    this.#check(key, metadata?.resourceVersion);
    return this.#put(key, merged(this.#objects.get(key), patch) as T);
  }

  watch = <T extends KubernetesObject>(
    { resource, namespace, name }: Selection,
    changed: (objects: ReadonlyMap<string, T>) => void,
  ): Watch => {
    const tell = () => {
      const prefix = keyOf(resource, namespace, name ?? '');
      const own = [...this.#objects].filter(([key]) =>
        name === undefined ? key.startsWith(prefix) : key === prefix,
      );
      changed(new Map(own.map(([key, object]) => [key.slice(key.indexOf(' ') + 1), object as T])));
    };
    this.#watching.add(tell);
    const synced = this.#reach().then(tell, () => {});
    const status = {
      what: resource.plural,
      resource: resource.plural,
      isSynced: true,
      trouble: undefined,
      lastHeardAt: 0,
      restarts: {} as ReturnType<Watch['status']>['restarts'],
    };
    return {
      synced,
      status: () => status,
      refresh: async () => {
        await this.#reach();
        tell();
      },
      close: () => void this.#watching.delete(tell),
    };
  };

  async close(): Promise<void> {}

  /** Puts something there as somebody else would. */
  set(resource: Resource, namespace: string, object: KubernetesObject): void {
    this.#put(keyOf(resource, namespace, object.metadata.name), object);
  }

  delete(resource: Resource, namespace: string, name: string): void {
    this.#objects.delete(keyOf(resource, namespace, name));
  }

  async #reach(): Promise<void> {
    await turn();
    if (this.isAway) throw new ApiError(0, 'connection refused');
  }

  #beforeWrite(): void {
    const { before } = this;
    this.before = undefined;
    before?.();
  }

  #check(key: string, version: string | undefined): void {
    const there = this.#objects.get(key);
    if (there === undefined) throw new ApiError(404, 'not found');
    if (version !== undefined && version !== there.metadata.resourceVersion) {
      throw new ApiError(409, 'the object has been modified');
    }
  }

  #put<T extends KubernetesObject>(key: string, object: T): T {
    this.writes++;
    const resourceVersion = String(++this.#version);
    const stored = structuredClone({
      ...object,
      metadata: { ...object.metadata, resourceVersion },
    });
    this.#objects.set(key, stored);
    for (const tell of this.#watching) queueMicrotask(tell);
    return stored;
  }
}

function keyOf({ plural }: Resource, namespace: string, name: string): string {
  return `${plural} ${namespace}/${name}`;
}

/** A JSON merge patch (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
