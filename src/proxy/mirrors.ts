import { framing } from '#core/http1/framing';
import { mirrorFor } from '#core/routing/mirror';
import { uniform } from '#core/routing/rendezvous';
import type { Mirror, Route, Version } from '#core/routing/route';
import type { Peer } from './client.ts';
import type { InForce } from './fleets.ts';
import { asksForTunnel } from './local-answer.ts';
import { ignored, MirrorCopy, type Mirrored } from './mirror-copy.ts';
import type { Shared } from './shared.ts';

/** Bears the name of the route. Only a trusted proxy is believed it: it ends with us otherwise. */
const mark = 'x-turnout-mirror';
/** Stands where a version's slot does in a split: who is copied has nothing to do with that. */
const slot = '\x1fmirror';

/** The request that may be copied: its head is the one that was written last. */
export interface Copied {
  readonly method: string;
  readonly isHead: boolean;
  readonly assignment: { readonly version: Version | undefined; readonly unit: string };
}

/** The copies that are under way. */
export class Mirrors {
  readonly #shared: () => Shared;
  readonly #open = new Set<MirrorCopy>();
  /** By the row of the version that gets them. */
  readonly #underWay = new Map<number, number>();

  constructor(shared: () => Shared) {
    this.#shared = shared;
  }

  /**
   * Begins the copy of a request that is on its way; undefined where it is not copied. By
   * percent means of the units, so that a user's requests are all copied or none; of the
   * requests where they have no unit.
   */
  begin(route: Route, request: Copied, peer: Peer, inForce: InForce): MirrorCopy | undefined {
    const shared = this.#shared();
    const { version } = request.assignment;
    const mirror = version && mirrorFor(route, request.method, version);
    if (mirror === undefined || !this.#isCopied(mirror, route, request)) return undefined;
    const fleet = inForce.fleets[mirror.version.index];
    if (fleet === undefined) return undefined;
    const { method, isHead } = request;
    const { unit } = request.assignment;
    const { forwardedPath: path } = shared.facts;
    const { row } = mirror.version;
    const underWay = this.#underWay.get(row) ?? 0;
    if (underWay >= mirror.inFlight) {
      const nothing = { originalMs: undefined, copyMs: undefined, compared: undefined };
      const halves = { original: ignored, copy: ignored, ...nothing };
      shared.ports.mirrored({ route, mirror, method, path, unit, result: 'too_many', ...halves });
      return undefined;
    }
    const line = `X-Turnout-Mirror: ${route.name}\r\n`;
    const head = shared.requestWriter.writeCopy(peer, route, mirror.version, line);
    const isChunked = shared.requestHead.framing === framing.chunked;
    const plan = { route, mirror, inForce, fleet, method, path, isHead, unit, head, isChunked };
    const copy = new MirrorCopy(plan, shared, (over, mirrored) => this.#over(over, mirrored));
    this.#open.add(copy);
    this.#underWay.set(row, underWay + 1);
    return copy;
  }

  #isCopied(mirror: Mirror, route: Route, { assignment }: Copied): boolean {
    const { ports, requestHead } = this.#shared();
    if (asksForTunnel(requestHead, route) || requestHead.fieldText(mark) !== undefined)
      return false;
    if (mirror.percent >= 100) return true;
    const { unit } = assignment;
    const drawn = unit === '' ? ports.assign.random() : uniform(route.salt, unit, slot);
    return drawn * 100 < mirror.percent;
  }

  #over(copy: MirrorCopy, mirrored: Mirrored): void {
    this.#open.delete(copy);
    const { row } = mirrored.mirror.version;
    this.#underWay.set(row, (this.#underWay.get(row) ?? 1) - 1);
    this.#shared().ports.mirrored(mirrored);
  }

  /** Ends all of them: the process is about to. */
  close(): void {
    for (const copy of this.#open) copy.close();
  }
}
