import type { Selection, Watch, WatchObjects, WatchRestart } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';

/** Watches of a cluster that a test makes up; what they show changes when it says so. */
export class FakeCluster {
  readonly #open = new Map<Selection, Shown>();

  readonly watch: WatchObjects = (selection, changed) => {
    const shown = new Shown((objects) => changed(objects as never));
    this.#open.set(selection, shown);
    return shown.watch(selection, () => this.#open.delete(selection));
  };

  /** What is watched now: `endpointslices store kubernetes.io/service-name=shop`. */
  get watched(): readonly string[] {
    return [...this.#open.keys()].map(textOf).sort();
  }

  /** Lets the watch of `what` know all that there is. */
  show(what: string, ...objects: readonly KubernetesObject[]): void {
    this.#of(what).show(objects);
  }

  /** Something keeps the watch of `what` from hearing. */
  trouble(what: string, trouble: string): void {
    this.#of(what).trouble = trouble;
  }

  #of(what: string): Shown {
    for (const [selection, shown] of this.#open) if (textOf(selection) === what) return shown;
    throw new Error(`nobody watches ${what}; watched: ${this.watched.join(', ')}`);
  }
}

class Shown {
  trouble: string | undefined;
  readonly #changed: (objects: ReadonlyMap<string, KubernetesObject>) => void;
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;

  constructor(changed: (objects: ReadonlyMap<string, KubernetesObject>) => void) {
    this.#changed = changed;
  }

  show(objects: readonly KubernetesObject[]): void {
    this.#isSynced = true;
    this.trouble = undefined;
    this.#synced.resolve();
    this.#changed(
      new Map(objects.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one])),
    );
  }

  watch(selection: Selection, closed: () => void): Watch {
    const restarts = {} as Readonly<Record<WatchRestart, number>>;
    return {
      synced: this.#synced.promise,
      status: () => ({
        resource: selection.resource.plural,
        what: textOf(selection),
        isSynced: this.#isSynced,
        trouble: this.trouble,
        lastHeardAt: undefined,
        restarts,
      }),
      refresh: async () => {},
      close: closed,
    };
  }
}

function textOf({ resource, namespace, name, labelSelector }: Selection): string {
  return [resource.plural, namespace, name, labelSelector].filter((part) => part).join(' ');
}
