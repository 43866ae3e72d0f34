import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../../src/core/kubernetes/api.ts';
import type { KubernetesObject } from '../../src/core/kubernetes/objects.ts';

/** Any object, as it is kept: what is beside its metadata is nobody's business here. */
export interface Kept extends KubernetesObject {
  readonly [field: string]: unknown;
}

/** One change, with what was before and what is after it. */
export interface Change {
  readonly resource: string;
  readonly at: number;
  readonly before: Kept | undefined;
  readonly after: Kept | undefined;
}

/** The answer to a request that cannot be granted, as `Status` of meta/v1 tells it. */
export class Refused extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** What a list or a watch takes of all objects of a resource. */
export interface Filter {
  readonly namespace: string | undefined;
  readonly labels: (labels: Readonly<Record<string, string>>) => boolean;
  readonly name: string | undefined;
}

export function matches({ namespace, labels, name }: Filter, object: Kept | undefined): boolean {
  if (object === undefined) return false;
  const { metadata } = object;
  return (
    (namespace === undefined || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    labels(metadata.labels ?? {})
  );
}

/** Reads `a=b,c!=d,e,!f`; sets (`in`, `notin`) are not asked for by anything here. */
export function labelFilter(selector: string): Filter['labels'] {
  const terms = selector.split(',').filter((term) => term !== '');
  const tests = terms.map((term) => {
    const [, not, key = '', sign, value] =
      /^(!?)([\w./-]+)(?:(==?|!=)([\w.-]*))?$/.exec(term) ?? [];
    if (key === '') throw new Refused(400, 'BadRequest', `unable to parse requirement: ${term}`);
    if (sign === undefined) {
      return (labels: Readonly<Record<string, string>>) => key in labels === (not === '');
    }
    return (labels: Readonly<Record<string, string>>) =>
      (labels[key] === value) === (sign !== '!=');
  });
  return (labels) => tests.every((holds) => holds(labels));
}

export function nameOfResource({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Where an update without a version is not taken, and one of what is not there makes it: leases. */
const conditionalOnly = new Set(['leases.coordination.k8s.io']);

/**
 * All objects of a stub API server, with every change that there was: one counter gives
 * versions to all of them, as etcd does.
 */
export class ApiObjects {
  #objects = new Map<string, Kept>();
  #changes: Change[] = [];
  #at: number;
  #compactedAt = 0;
  readonly #changed: (change: Change) => void;

  constructor(changed: (change: Change) => void, firstVersion = 1_000) {
    this.#changed = changed;
    this.#at = firstVersion;
  }

  /** The version of all that there is. */
  get at(): number {
    return this.#at;
  }

  /** Changes after a version; undefined where they are not known any more. */
  since(at: number): readonly Change[] | undefined {
    if (at < this.#compactedAt) return undefined;
    return this.#changes.filter((change) => change.at > at);
  }

  /** Forgets the changes so far: who asks for what came after an older version gets 410. */
  compact(): void {
    // Whoever knows all that there is needs none of them.
    this.#compactedAt = this.#at;
    this.#changes = [];
  }

  /** As restored from a backup: what was there at an older version, and counted on from it. */
  restore(keep: (object: Kept) => boolean, at: number): void {
    this.#objects = new Map([...this.#objects].filter(([, object]) => keep(object)));
    this.#changes = [];
    this.#compactedAt = at;
    this.#at = at;
  }

  list(resource: string, filter: Filter, at = this.#at): readonly Kept[] {
    const objects = new Map(this.#objects);
    for (const change of this.#changes.filter((one) => one.at > at).reverse()) {
      const { metadata } = change.before ?? change.after ?? { metadata: { name: '' } };
      const key = keyOf(change.resource, metadata.namespace ?? '', metadata.name);
      if (change.before === undefined) objects.delete(key);
      else objects.set(key, change.before);
    }
    return [...objects]
      .filter(([key, object]) => key.startsWith(`${resource} `) && matches(filter, object))
      .map(([, object]) => object);
  }

  get(resource: string, namespace: string, name: string): Kept | undefined {
    return this.#objects.get(keyOf(resource, namespace, name));
  }

  create(resource: string, namespace: string, object: Kept): Kept {
    const { name } = object.metadata;
    if (this.get(resource, namespace, name) !== undefined) {
      throw new Refused(409, 'AlreadyExists', `${resource} "${name}" already exists`);
    }
    if (object.metadata.resourceVersion !== undefined) {
      const message = 'resourceVersion should not be set on objects to be created';
      throw new Refused(500, 'InternalError', message);
    }
    const creationTimestamp = secondsOf(new Date());
    return this.#write(resource, namespace, undefined, object, {
      uid: randomUUID(),
      creationTimestamp,
    });
  }

  replace(resource: string, namespace: string, name: string, object: Kept): Kept {
    const before = this.get(resource, namespace, name);
    const { resourceVersion, uid } = object.metadata;
    if (before === undefined) {
      if (conditionalOnly.has(resource) && resourceVersion === undefined) {
        return this.create(resource, namespace, object);
      }
      throw new Refused(404, 'NotFound', `${resource} "${name}" not found`);
    }
    if (resourceVersion === undefined && conditionalOnly.has(resource)) {
      const message =
        'metadata.resourceVersion: Invalid value: 0x0: must be specified for an update';
      throw new Refused(422, 'Invalid', `${resource} "${name}" is invalid: ${message}`);
    }
    const isStale =
      resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion;
    if (isStale || (uid !== undefined && uid !== before.metadata.uid))
      throw conflict(resource, name);
    const { creationTimestamp } = before.metadata;
    return this.#write(resource, namespace, before, object, {
      uid: before.metadata.uid ?? '',
      creationTimestamp: creationTimestamp ?? '',
    });
  }

  patch(resource: string, namespace: string, name: string, patch: unknown): Kept {
    const before = this.get(resource, namespace, name);
    if (before === undefined) {
      throw new Refused(404, 'NotFound', `${resource} "${name}" not found`);
    }
    // What the patch says of the version is a condition; without it there is none.
    const { resourceVersion: _, ...metadata } = before.metadata;
    const merged = merge({ ...before, metadata }, patch) as Kept;
    const { resourceVersion = before.metadata.resourceVersion ?? '' } = merged.metadata;
    const conditioned = { ...merged, metadata: { ...merged.metadata, resourceVersion } };
    return this.replace(resource, namespace, name, conditioned);
  }

  remove(resource: string, namespace: string, name: string): Kept {
    const before = this.get(resource, namespace, name);
    if (before === undefined) {
      throw new Refused(404, 'NotFound', `${resource} "${name}" not found`);
    }
    this.#objects.delete(keyOf(resource, namespace, name));
    this.#note({ resource, at: ++this.#at, before, after: undefined });
    return before;
  }

  #write(
    resource: string,
    namespace: string,
    before: Kept | undefined,
    object: Kept,
    own: { readonly uid: string; readonly creationTimestamp: string },
  ): Kept {
    const { managedFields: _, ...metadata } = object.metadata;
    const said = { ...metadata, namespace, ...own };
    const unchanged = { ...object, metadata: { ...said, ...writtenOf(before) } };
    if (before !== undefined && isDeepStrictEqual(unchanged, before)) return before;
    const managedFields = [
      { manager: 'stub', operation: 'Update', time: secondsOf(new Date()), fieldsType: 'FieldsV1' },
    ];
    const at = ++this.#at;
    const after = { ...object, metadata: { ...said, resourceVersion: String(at), managedFields } };
    this.#objects.set(keyOf(resource, namespace, object.metadata.name), after);
    this.#note({ resource, at, before, after });
    return after;
  }

  #note(change: Change): void {
    this.#changes.push(change);
    this.#changed(change);
  }
}

/** What each write says anew: left as it was where nothing else is different. */
function writtenOf(before: Kept | undefined): Partial<Kept['metadata']> {
  const { resourceVersion = '', managedFields = [] } = before?.metadata ?? {};
  return { resourceVersion, managedFields };
}

function keyOf(resource: string, namespace: string, name: string): string {
  return `${resource} ${namespace}/${name}`;
}

function conflict(resource: string, name: string): Refused {
  const remedy =
    'the object has been modified; please apply your changes to the latest version and try again';
  return new Refused(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resource} "${name}": ${remedy}`,
  );
}

function secondsOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const merged = new Map(Object.entries(isObject ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
