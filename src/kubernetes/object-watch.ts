import {
  ApiError,
  type Selection,
  type Watch,
  type WatchRestart,
  type WatchStatus,
} from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';
import { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { Interrupted } from './interrupted.ts';
import { KnownObjects } from './known-objects.ts';
import { Lines } from './lines.ts';
import { describe, pathOf, selectors } from './paths.ts';
import { read } from './read-answer.ts';
import { readList } from './read-list.ts';
import { type Restart, restartAfter } from './restart.ts';
import type { Times } from './times.ts';
import { troubleOf } from './trouble.ts';
import { readEvent, type WatchEvent } from './watch-event.ts';
import type { WatchHappening } from './watch-happening.ts';

export interface WatchPorts {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly times: Times;
  readonly tell: (happening: WatchHappening) => void;
}

/** Lists of thousands of objects have a few MiB; a line has one object. */
const maxListBytes = 256 * 1_048_576;
const maxLineBytes = 16 * 1_048_576;
/** How long a server keeps a watch open: five to ten minutes, so that not all end together. */
const leastSeconds = 300;

interface Refresh {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Follows objects: lists them, then watches from the list's version, and begins again after
 * whatever ends that, for as long as it is not closed.
 *
 * Versions are opaque: they are never compared, but handed back to the server. What a list
 * holds is held against what is known, so that what has vanished in a gap is removed.
 */
export class ObjectWatch<T extends KubernetesObject> implements Watch {
  readonly synced: Promise<void>;
  readonly #selection: Selection;
  readonly #ports: WatchPorts;
  readonly #changed: (objects: ReadonlyMap<string, T>) => void;
  readonly #what: string;
  readonly #backoff: Backoff;
  readonly #restarts: Record<WatchRestart, number> = {
    ended: 0,
    gone: 0,
    cut: 0,
    silent: 0,
    unreachable: 0,
    unauthorized: 0,
    forbidden: 0,
    throttled: 0,
    server_error: 0,
    unreadable: 0,
  };

  #isClosed = false;
  readonly #known = new KnownObjects<T>();
  /** `0`: whatever a cache has. `''`: what there is now. */
  #version = '0';
  #mustList = true;
  #isSynced = false;
  #trouble: string | undefined;
  /** The log was told of trouble, and not yet that it is over. */
  #isLost = false;
  #lastHeardAt: number | undefined;
  /** Why it was begun anew since the last event, or the last watch of some length. */
  readonly #barren = new Set<WatchRestart>();
  #refreshes: Refresh[] = [];
  /** Ends what is under way, if need be. */
  #interrupt: (by: 'refresh' | 'close') => void = () => undefined;
  #isNowSynced: () => void = () => undefined;

  constructor(
    selection: Selection,
    ports: WatchPorts,
    changed: (objects: ReadonlyMap<string, T>) => void,
  ) {
    this.#selection = selection;
    this.#ports = ports;
    this.#changed = changed;
    this.#what = describe(selection);
    this.#backoff = new Backoff(ports.clock, ports.times);
    this.synced = new Promise((resolve) => {
      this.#isNowSynced = resolve;
    });
    this.#run();
  }

  status(): WatchStatus {
    return {
      resource: this.#selection.resource.plural,
      what: this.#what,
      isSynced: this.#isSynced,
      trouble: this.#trouble,
      lastHeardAt: this.#lastHeardAt,
      restarts: { ...this.#restarts },
    };
  }

  refresh(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new ApiError(0, 'closed'));
    return new Promise((done, failed) => {
      this.#refreshes.push({ done, failed });
      this.#interrupt('refresh');
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#interrupt('close');
    for (const { failed } of this.#refreshes) failed(new ApiError(0, 'closed'));
    this.#refreshes = [];
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        if (this.#mustList || this.#refreshes.length > 0) await this.#list();
        else await this.#follow();
      } catch (error) {
        if (!this.#isClosed) await this.#pause(this.#note(error));
      }
    }
  }

  async #list(): Promise<void> {
    const asked = this.#refreshes;
    this.#refreshes = [];
    const { clock, times, connection } = this.#ports;
    const deadline = new Deadline(clock, times.answerMs);
    this.#interrupt = (by) => by === 'close' && deadline.cancel();
    try {
      const body = await connection.ask({
        method: 'GET',
        path: this.#path,
        query: {
          ...selectors(this.#selection),
          resourceVersion: asked.length > 0 ? '' : this.#version,
        },
        accept: this.#accept('PartialObjectMetadataList'),
        signal: deadline.signal,
      });
      const text = await read(body, maxListBytes, () => deadline.again(times.answerMs));
      this.#listed(text);
      for (const { done } of asked) done();
    } catch (error) {
      for (const { failed } of asked) failed(error);
      throw error;
    } finally {
      deadline.end();
    }
  }

  #listed(text: string): void {
    const { objects, version } = readList<T>(text);
    this.#known.replace(objects);
    this.#version = version;
    this.#mustList = false;
    this.#heard();
    this.#backoff.succeeded();
    this.#tellNews();
    this.#isSynced = true;
    this.#isNowSynced();
  }

  async #follow(): Promise<void> {
    const { clock, times, connection } = this.#ports;
    const deadline = new Deadline(clock, times.answerMs);
    let isOpen = false;
    this.#interrupt = () => deadline.cancel();
    try {
      const body = await connection.ask({
        method: 'GET',
        path: this.#path,
        query: this.#watchQuery(),
        accept: this.#accept('PartialObjectMetadata'),
        signal: deadline.signal,
      });
      isOpen = true;
      this.#opened();
      const openedAt = clock.now();
      deadline.again(times.silentMs);
      await this.#readEvents(body, () => deadline.again(times.silentMs)).finally(() => {
        if (clock.now() - openedAt >= times.shortWatchMs) this.#barren.clear();
      });
    } catch (error) {
      if (deadline.isCancelled) return;
      if (!deadline.isOver || !isOpen) throw error;
      throw new Interrupted('silent', `nothing was heard for ${times.silentMs / 1_000} s`);
    } finally {
      deadline.end();
    }
    throw new Interrupted('ended', 'the server has ended it');
  }

  async #readEvents(body: AsyncIterable<Buffer>, heard: () => void): Promise<void> {
    const lines = new Lines(maxLineBytes);
    const pieces = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const piece = await pieces.next().catch((error) => {
          throw new Interrupted(
            'cut',
            `was cut: ${error instanceof Error ? error.message : error}`,
          );
        });
        if (piece.done === true) break;
        heard();
        this.#take(lines.take(piece.value));
      }
    } finally {
      // Who does not read to the end lets go of the connection.
      await pieces.return?.();
    }
    if (lines.isCut) throw new Interrupted('cut', 'ended inside of an event');
  }

  /** Takes what came together, and tells of it once. */
  #take(lines: readonly string[]): void {
    try {
      for (const line of lines) this.#takeOne(readEvent<T>(line));
    } finally {
      this.#tellNews();
    }
  }

  #takeOne(event: WatchEvent<T>): void {
    this.#heard();
    this.#barren.clear();
    if (event.kind !== 'unknown') this.#version = event.version;
    this.#known.take(event);
  }

  #heard(): void {
    this.#lastHeardAt = this.#ports.clock.now();
  }

  /** The server lets us listen: whatever was wrong is over. */
  #opened(): void {
    this.#backoff.succeeded();
    this.#trouble = undefined;
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#ports.tell({ kind: 'found', what: this.#what });
  }

  #note(error: unknown): Restart {
    const verb = this.#mustList ? 'list' : 'watch';
    const restart = restartAfter(error);
    const { reason, next } = restart;
    this.#restarts[reason]++;
    const { plural: resource } = this.#selection.resource;
    this.#ports.tell({ kind: 'restarted', what: this.#what, resource, reason });
    if (next !== 'same') this.#mustList = true;
    if (next === 'list_anew') this.#version = '';
    if (restart.message !== undefined) {
      const trouble = troubleOf(this.#selection, verb, reason, restart.message);
      // Where a server sends no bookmarks, it is silent wherever nothing changes.
      if (trouble !== this.#trouble && reason !== 'silent') {
        this.#isLost = true;
        this.#ports.tell({ kind: 'lost', what: this.#what, reason, trouble });
      }
      this.#trouble = trouble;
    }
    return restart;
  }

  #pause({ reason, pause }: Restart): Promise<void> {
    const { clock, times } = this.#ports;
    const isFirst = !this.#barren.has(reason);
    this.#barren.add(reason);
    if (pause === 'none' || (pause === 'if_again' && isFirst)) return Promise.resolve();
    if (typeof pause === 'number') return this.#rest(pause + clock.random() * times.firstPauseMs);
    if (pause === 'slow') return this.#rest(times.slowPauseMs * (1 + clock.random() / 2));
    return this.#rest(this.#backoff.failed());
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#ports.clock.after(ms, resolve);
      this.#interrupt = () => {
        callOff();
        resolve();
      };
      if (this.#isClosed || this.#refreshes.length > 0) this.#interrupt('refresh');
    });
  }

  #tellNews(): void {
    const news = this.#known.news();
    if (news === undefined) return;
    try {
      this.#changed(news);
    } catch (error) {
      this.#ports.tell({ kind: 'failed', what: this.#what, error });
    }
  }

  get #path(): string {
    return pathOf(this.#selection.resource, this.#selection.namespace);
  }

  #watchQuery(): Readonly<Record<string, string>> {
    const seconds = leastSeconds * (1 + this.#ports.clock.random());
    return {
      ...selectors(this.#selection),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version,
      timeoutSeconds: String(Math.floor(seconds)),
    };
  }

  #accept(kind: string): string {
    if (this.#selection.metadataOnly !== true) return 'application/json';
    return `application/json;as=${kind};g=meta.k8s.io;v=v1, application/json`;
  }
}
