import type { KubernetesObject } from '#core/kubernetes/objects';
import { Interrupted } from './interrupted.ts';

/** A line of a watch. */
export type WatchEvent<T extends KubernetesObject> =
  | { readonly kind: 'stored' | 'removed'; readonly object: T; readonly version: string }
  | { readonly kind: 'advanced'; readonly version: string }
  | { readonly kind: 'unknown' };

/** Reads a line. Throws `Interrupted` where the watch cannot go on after it. */
export function readEvent<T extends KubernetesObject>(line: string): WatchEvent<T> {
  const event = parsed(line);
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'stored', ...named<T>(object, line) };
    case 'DELETED':
      return { kind: 'removed', ...named<T>(object, line) };
    case 'BOOKMARK':
      return { kind: 'advanced', version: versionOf(object, line) };
    case 'ERROR':
      throw failureOf(object);
    default:
      return { kind: 'unknown' };
  }
}

interface Raw {
  readonly type: unknown;
  /** As far as it is looked at: whatever else an object is, is what the API promises. */
  readonly object: {
    readonly metadata?: { readonly name?: unknown; readonly resourceVersion?: unknown };
  };
}

function parsed(line: string): Raw {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Interrupted('unreadable', `an event is not JSON: ${shown(line)}`);
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw new Interrupted('unreadable', `an event has no type: ${shown(line)}`);
  }
  const object = 'object' in value && typeof value.object === 'object' ? value.object : undefined;
  return { type: value.type, object: object ?? {} };
}

function named<T extends KubernetesObject>(object: Raw['object'], line: string) {
  const version = versionOf(object, line);
  if (typeof object.metadata?.name !== 'string') {
    throw new Interrupted('unreadable', `an event has no name: ${shown(line)}`);
  }
  // The rest of it is what the API promises for this kind of object.
  return { object: object as unknown as T, version };
}

function versionOf({ metadata }: Raw['object'], line: string): string {
  const version = metadata?.resourceVersion;
  if (typeof version === 'string' && version !== '') return version;
  throw new Interrupted('unreadable', `an event has no version: ${shown(line)}`);
}

function failureOf(status: object): Interrupted {
  const code = 'code' in status ? status.code : undefined;
  const message = 'message' in status ? String(status.message) : 'without a reason';
  if (code === 410) return new Interrupted('gone', message);
  return new Interrupted('server_error', `${String(code)}: ${message}`);
}

function shown(line: string): string {
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
