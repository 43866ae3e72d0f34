import { ApiError, type ObjectStore } from '#core/kubernetes/api';
import type { Clock } from './clock.ts';
import type { Connection, Question } from './connection.ts';
import { Deadline } from './deadline.ts';
import { pathOf } from './paths.ts';
import { read } from './read-answer.ts';
import type { Times } from './times.ts';

/** An object has at most 1.5 MiB in etcd; as JSON it may be somewhat longer. */
const maxBytes = 16 * 1_048_576;
const mergePatch = 'application/merge-patch+json';

/** Returns what reads and writes single objects over a connection. */
export function objectStore(connection: Connection, clock: Clock, times: Times): ObjectStore {
  /** What comes back is what the API promises for the path; nobody but the caller knows its type. */
  async function ask<T>(question: Omit<Question, 'signal'>): Promise<T> {
    const deadline = new Deadline(clock, times.objectMs);
    try {
      const body = await connection.ask({ ...question, signal: deadline.signal });
      return JSON.parse(await read(body, maxBytes)) as T;
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, unreadable(error));
    } finally {
      deadline.end();
    }
  }

  return {
    get: async <T>(...[resource, namespace, name]: Parameters<ObjectStore['get']>) => {
      try {
        return await ask<T>({ method: 'GET', path: pathOf(resource, namespace, name) });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    create: (resource, namespace, object) =>
      ask({
        method: 'POST',
        path: pathOf(resource, namespace),
        body: JSON.stringify(object),
      }),
    replace: (resource, namespace, object) =>
      ask({
        method: 'PUT',
        path: pathOf(resource, namespace, object.metadata.name),
        body: JSON.stringify(object),
      }),
    patch: (resource, namespace, name, patch) =>
      ask({
        method: 'PATCH',
        path: pathOf(resource, namespace, name),
        body: JSON.stringify(patch),
        contentType: mergePatch,
      }),
  };
}

function unreadable(error: unknown): string {
  return `the answer cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
