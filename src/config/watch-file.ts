import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Content, isVolume, readContent } from './read-content.ts';

export interface WatchOptions {
  /** How long it must be quiet after an event before the file is looked at. */
  readonly quietMs?: number;
  /** A look comes no later than this after the first event. */
  readonly latestMs?: number;
  /** How often the file is looked at though nothing was heard. */
  readonly pollMs?: number;
  /** Whether this is a pod; by default what the environment says. */
  readonly inCluster?: boolean;
  /** What to do about a file that is not there. */
  readonly ifMissing?: string;
  /** Told once of each thing that makes changes come late or never. */
  readonly warn?: (message: string) => void;
}

/** Takes what a source holds now; settled when it is done with it. */
export type Take = (content: Content) => Promise<unknown>;

export interface FileWatch {
  /** Looks now; settled when what was found has been taken. */
  look(): Promise<void>;
  close(): void;
}

/**
 * Looks at a file now and then, and gives away its content whenever it is another than last time.
 *
 * Events are only hints that schedule a look: the directory is watched, because a watch on the
 * file hears nothing after its first replacement, and a poll makes up for events that are lost
 * (inotify limits, network file systems, a directory that is replaced). `take` is called
 * for one content at a time. Call `look` for the first content.
 */
export function watchFile(path: string, options: WatchOptions, take: Take): FileWatch {
  return new DirectoryWatch(path, options, take);
}

class DirectoryWatch implements FileWatch {
  readonly #path: string;
  readonly #directory: string;
  readonly #quietMs: number;
  readonly #latestMs: number;
  readonly #pollMs: number;
  readonly #inCluster: boolean;
  readonly #ifMissing: string | undefined;
  readonly #warn: (message: string) => void;
  readonly #warned = new Set<string>();
  readonly #take: Take;

  #watcher: FSWatcher | undefined;
  /** Device and inode of the watched directory: it may be replaced by another of the same name. */
  #watched: string | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #firstEventAt: number | undefined;
  #seen: Content | undefined;
  #running: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, options: WatchOptions, take: Take) {
    this.#path = path;
    this.#directory = dirname(path);
    this.#quietMs = options.quietMs ?? 75;
    this.#latestMs = options.latestMs ?? 2_000;
    this.#pollMs = options.pollMs ?? 2_000;
    this.#inCluster = options.inCluster ?? process.env.KUBERNETES_SERVICE_HOST !== undefined;
    this.#ifMissing = options.ifMissing;
    this.#warn = options.warn ?? (() => undefined);
    this.#take = take;
    this.#pollLater();
  }

  look(): Promise<void> {
    // One that runs may have read before what the caller knows of: wait for the next one.
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined;
      return this.#lookNow();
    });
    this.#running = this.#queued.catch(() => undefined);
    return this.#queued;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearTimeout(this.#poll);
    this.#unwatch();
  }

  async #lookNow(): Promise<void> {
    if (this.#closed) return;
    await this.#watchDirectory();
    const content = await readContent(this.#path, this.#ifMissing);
    if (this.#closed || same(content, this.#seen)) return;
    this.#seen = content;
    await this.#warnOfSubPath();
    await this.#take(content);
  }

  /** Looks without anybody who waits for it: what goes wrong is told here. */
  async #lookAlone(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#warnOnce(`${this.#path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#poll = setTimeout(() => {
      // While events come in, the file may be half written: their own look is due soon.
      const looked = this.#firstEventAt === undefined ? this.#lookAlone() : Promise.resolve();
      looked.finally(() => this.#pollLater());
    }, this.#pollMs);
    this.#poll.unref();
  }

  readonly #heard = (): void => {
    if (this.#closed) return;
    const now = performance.now();
    this.#firstEventAt ??= now;
    const leftMs = Math.max(0, this.#firstEventAt + this.#latestMs - now);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(
      () => {
        this.#firstEventAt = undefined;
        this.#lookAlone();
      },
      Math.min(this.#quietMs, leftMs),
    );
    this.#quiet.unref();
  };

  /** Watches the directory of this name as it is now. Begun before the file is read. */
  async #watchDirectory(): Promise<void> {
    const now = await identityOf(this.#directory);
    if (this.#closed || (this.#watcher !== undefined && now === this.#watched)) return;
    this.#unwatch();
    if (now === undefined) return;
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, this.#heard);
      this.#watcher.on('error', () => this.#unwatch());
      this.#watched = now;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#warnOnce(`changes of ${this.#path} are only seen every ${this.#pollMs} ms: ${reason}`);
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = undefined;
  }

  async #warnOfSubPath(): Promise<void> {
    if (!this.#inCluster || (await isVolume(this.#directory))) return;
    this.#warnOnce(
      `${this.#directory} is no volume that Kubernetes updates: where it is mounted with subPath, ` +
        'a change of the ConfigMap or Secret is never seen; mount the whole directory',
    );
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#warn(message);
  }
}

async function identityOf(directory: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(directory);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function same(a: Content, b: Content | undefined): boolean {
  if (a.kind === 'bytes') return b?.kind === 'bytes' && a.bytes.equals(b.bytes);
  return b?.kind === 'trouble' && a.message === b.message;
}
