import type { Selection, Watch, WatchObjects } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';

/** Objects of the cluster that are followed: what is known of them, for everybody who asks. */
export class Followed<T extends KubernetesObject = KubernetesObject> {
  objects: ReadonlyMap<string, T> = new Map();
  /** All that there is was read at least once. */
  isKnown = false;
  readonly #watch: Watch;

  /** `changed`: after each change, and when all is known for the first time. */
  constructor(watch: WatchObjects, selection: Selection, changed: () => void) {
    this.#watch = watch<T>(selection, (objects) => {
      this.objects = objects;
      this.isKnown = true;
      changed();
    });
  }

  /** What keeps it from hearing, as a sentence with its remedy; undefined: nothing does. */
  get trouble(): string | undefined {
    return this.#watch.status().trouble;
  }

  close(): void {
    this.#watch.close();
  }
}
