import type { FileContent, WatchFiles } from '../proxy/watched-files.ts';
import type { FileSet } from '../workers/messages.ts';

/** Files that are read together have one name. */
function nameOf(paths: readonly string[]): string {
  return paths.join('\0');
}

/**
 * Remembers, in a primary, what watched files held when they were last good: workers are given
 * that and read nothing themselves, so that one that starts while files are not good serves
 * what the others do.
 */
export class GoodFiles {
  readonly #sets = new Map<string, FileSet>();
  readonly #changed: (set: FileSet) => void;

  constructor(changed: (set: FileSet) => void) {
    this.#changed = changed;
  }

  /** All that is good now. */
  all(): readonly FileSet[] {
    return [...this.#sets.values()];
  }

  /** Returns a watch that remembers what is taken from another one. */
  watching(watch: WatchFiles): WatchFiles {
    return (paths, take) => {
      const watched = watch(paths, (contents) => {
        const isGood = take(contents);
        const bytes = contents.flatMap((one) => (one.kind === 'bytes' ? [one.bytes] : []));
        if (!isGood || bytes.length < paths.length) return isGood;
        const set = { paths, bytes };
        this.#sets.set(nameOf(paths), set);
        this.#changed(set);
        return isGood;
      });
      return {
        look: () => watched.look(),
        close: () => {
          watched.close();
          this.#sets.delete(nameOf(paths));
        },
      };
    };
  }
}

/** The other end, in a worker: gives away what its primary hands over. */
export class HandedFiles {
  readonly #sets = new Map<string, FileSet>();
  readonly #takers = new Map<string, Set<(set: FileSet) => void>>();

  take(sets: readonly FileSet[]): void {
    for (const set of sets) {
      const name = nameOf(set.paths);
      this.#sets.set(name, set);
      for (const taker of this.#takers.get(name) ?? []) taker(set);
    }
  }

  readonly watch: WatchFiles = (paths, take) => {
    const name = nameOf(paths);
    const takers = this.#takers.get(name) ?? new Set();
    this.#takers.set(name, takers);
    let taken: FileSet | undefined;
    const taker = (set: FileSet) => {
      taken = set;
      take(set.bytes.map((bytes): FileContent => ({ kind: 'bytes', bytes: Buffer.from(bytes) })));
    };
    takers.add(taker);
    return {
      look: async () => {
        const set = this.#sets.get(name);
        if (set !== undefined && set !== taken) taker(set);
      },
      close: () => {
        takers.delete(taker);
        if (takers.size > 0) return;
        this.#takers.delete(name);
        this.#sets.delete(name);
      },
    };
  };
}
