import type { Test } from 'tap';
import type { KubernetesApi, Selection, Watch } from '../../src/core/kubernetes/api.ts';
import type { KubernetesObject } from '../../src/core/kubernetes/objects.ts';
import { type KubernetesOptions, openKubernetes } from '../../src/kubernetes/open.ts';
import type { WatchHappening } from '../../src/kubernetes/watch-happening.ts';
import { eventually } from '../support/eventually.ts';

export interface Opened extends KubernetesApi {
  readonly happenings: readonly WatchHappening[];
}

/** Opens a client, closed with the test. */
export function opened(t: Test, options: Partial<KubernetesOptions>): Opened {
  const happenings: WatchHappening[] = [];
  const api = openKubernetes({
    env: {},
    userAgent: 'turnout/test',
    tell: (happening) => {
      // These are counted with each watch.
      if (happening.kind !== 'restarted') happenings.push(happening);
    },
    ...options,
  });
  t.teardown(() => api.close());
  return { ...api, happenings };
}

/** A watch, with what it has told. */
export interface Followed<T extends KubernetesObject> {
  readonly watch: Watch;
  /** What it told, each time. */
  readonly told: readonly ReadonlyMap<string, T>[];
  /** What it told last, without what a server adds: the names with what `shown` makes of each. */
  readonly last: () => Readonly<Record<string, unknown>> | undefined;
  /** Resolves when that is what it told last. */
  readonly tells: (expected: Readonly<Record<string, unknown>>) => Promise<void>;
}

export function followed<T extends KubernetesObject>(
  api: KubernetesApi,
  selection: Selection,
  shown: (object: T) => unknown,
): Followed<T> {
  const told: ReadonlyMap<string, T>[] = [];
  const watch = api.watch<T>(selection, (objects) => told.push(objects));
  const last = () => {
    const objects = told.at(-1);
    if (objects === undefined) return undefined;
    const entries = [...objects.values()].map((object) => [object.metadata.name, shown(object)]);
    return Object.fromEntries(entries.sort());
  };
  const tells = (expected: Readonly<Record<string, unknown>>) => {
    const wanted = JSON.stringify(Object.fromEntries(Object.entries(expected).sort()));
    return eventually(() => JSON.stringify(last()) === wanted, `${wanted} is told`).catch(
      (error) => {
        throw new Error(`${error.message}; told was ${JSON.stringify(last())}`);
      },
    );
  };
  return { watch, told, last, tells };
}
