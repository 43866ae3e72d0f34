import type { KubernetesObject } from '#core/kubernetes/objects';
import { Interrupted } from './interrupted.ts';
import { keyOf } from './paths.ts';

export interface ObjectList<T extends KubernetesObject> {
  /** By namespace/name. */
  readonly objects: Map<string, T>;
  /** Of the list: it is watched from there. */
  readonly version: string;
}

/** Reads the answer to a list. Throws `Interrupted` where it is none. */
export function readList<T extends KubernetesObject>(text: string): ObjectList<T> {
  const list = parsed(text);
  const version = list.metadata?.resourceVersion;
  // `items` of an empty list may be null.
  const items = list.items ?? [];
  if (typeof version !== 'string' || !Array.isArray(items)) {
    throw new Interrupted('unreadable', 'the answer to a list has no version or no items');
  }
  return { objects: new Map(items.map((object: T) => [keyOf(object), object])), version };
}

interface RawList {
  readonly metadata?: { readonly resourceVersion?: unknown };
  readonly items?: unknown;
}

function parsed(text: string): RawList {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new Interrupted('unreadable', 'the answer to a list is not JSON');
  }
}
