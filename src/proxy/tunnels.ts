import type { TunnelEnd } from '#core/exchange/labels';
import type { Version } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';

/** Whoever loses a tunnel comes back at once: of all of them not more than a hundred a second. */
const apartMs = 10;
/** When the last one is told where a version takes nothing any more, however many there are. */
const leaveMs = 5_000;
/** How long an answer to a Close may take then. */
const answerMs = 5_000;
/** The part of a drain's time in which tunnels are told; the rest is for their answers. */
const drainShare = 0.75;

/** A tunnel, as it is ended from outside. */
export interface Closable {
  /** Says Close to both sides at an instant, and resets what is left at another one. */
  close(reason: TunnelEnd, closeAt: number, cutAt: number): void;
}

/** Names of where a tunnel leads. */
export interface Whither {
  readonly route: string;
  readonly version: string;
}

/** The tunnels that are open. */
export class Tunnels {
  readonly #open = new Map<Closable, Whither>();
  readonly #random: () => number;
  /** By the name of their route, in the snapshot in force; undefined before the first change. */
  #versions: ReadonlyMap<string, readonly Version[]> | undefined;
  /** When what is left will be cut; undefined while nothing drains. */
  #cutAt: number | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  add(tunnel: Closable, whither: Whither, now: number): void {
    this.#open.set(tunnel, whither);
    // Its exchange may be older than what has happened since.
    if (this.#hasLeft(whither)) this.#leave([tunnel], now);
    if (this.#cutAt !== undefined) this.#drain([tunnel], now, this.#cutAt);
  }

  delete(tunnel: Closable): void {
    this.#open.delete(tunnel);
  }

  /** Ends those to versions that a snapshot has no more, or disabled: nothing reaches these. */
  leave({ routes }: Pick<Snapshot, 'routes'>, now: number): void {
    this.#versions = new Map(routes.map(({ name, versions }) => [name, versions]));
    const left = [...this.#open].filter(([, whither]) => this.#hasLeft(whither));
    this.#leave(
      left.map(([tunnel]) => tunnel),
      now,
    );
  }

  #hasLeft({ route, version }: Whither): boolean {
    if (this.#versions === undefined) return false;
    const found = this.#versions.get(route)?.find(({ name }) => name === version);
    return found === undefined || found.state === 'disabled';
  }

  #leave(tunnels: readonly Closable[], now: number): void {
    const spreadMs = Math.min(leaveMs, tunnels.length * apartMs);
    for (const tunnel of tunnels) {
      const closeAt = now + this.#random() * spreadMs;
      tunnel.close('version_left', closeAt, closeAt + answerMs);
    }
  }

  /** Ends all, and those that are still opened, in time before the rest is cut. */
  drain(now: number, cutAt: number): void {
    this.#cutAt = cutAt;
    this.#drain([...this.#open.keys()], now, cutAt);
  }

  #drain(tunnels: readonly Closable[], now: number, cutAt: number): void {
    const spreadMs = Math.min((cutAt - now) * drainShare, tunnels.length * apartMs);
    for (const tunnel of tunnels) {
      tunnel.close('drained', now + this.#random() * spreadMs, Number.POSITIVE_INFINITY);
    }
  }
}
