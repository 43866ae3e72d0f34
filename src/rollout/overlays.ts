import type {
  Overlay,
  OverlayOutcome,
  OverlayStatus,
  OverlayWish,
  Scope,
} from '#core/rollout/overlay';
import type { Change } from './change.ts';
import { type Keeper, Unwritable } from './keeper.ts';
import type { Kept } from './kept.ts';
import { overlaid, overlayEnd, overlayStatus } from './overlaid.ts';
import { isInForce, overlayOf, timeIsOver, withoutOverlays } from './overlay-in-force.ts';
import type { RolloutPorts } from './ports.ts';
import { routeChanges } from './route-changes.ts';
import { Overtaken } from './shared.ts';

/** How often something is wanted again because others have written in between. */
const mostTries = 8;

/** Weights that routes have for a while: set by people, ended by people, documents and the clock. */
export class Overlays {
  readonly #scope: Scope;
  readonly #now: RolloutPorts['now'];
  readonly #keeper: Keeper;

  constructor(scope: Scope, { now }: Pick<RolloutPorts, 'now'>, keeper: Keeper) {
    this.#scope = scope;
    this.#now = now;
    this.#keeper = keeper;
  }

  /** Whether there is any whose end has to be waited for. */
  get hasAny(): boolean {
    return Object.keys(this.#keeper.kept.overlays).length > 0;
  }

  /** Returns those that are in force. */
  all(): readonly { readonly route: string; readonly overlay: Overlay }[] {
    return Object.keys(this.#keeper.kept.overlays).flatMap((route) => {
      const overlay = this.of(route)?.overlay;
      return overlay === undefined ? [] : [{ route, overlay }];
    });
  }

  /** Returns how the overlay of a route stands; undefined: there is no such route. */
  of(route: string): OverlayStatus | undefined {
    const { kept, documents, hash } = this.#keeper;
    const isThere = documents.ruleIn(hash, route) !== undefined;
    return isThere ? this.#statusIn(kept, route) : undefined;
  }

  #statusIn(kept: Kept, route: string): OverlayStatus {
    return overlayStatus(kept, this.#keeper.hash, route, this.#now());
  }

  /** Sets the overlay of a route or ends it, or tells why not. */
  want(wish: OverlayWish): Promise<OverlayOutcome> {
    return this.#keeper.exclusively(async () => {
      for (let tries = 0; tries < mostTries; tries++) {
        const outcome = await this.#want(wish);
        if (outcome !== 'overtaken') return outcome;
      }
      const message = 'others have changed the ledger each time: nothing was changed; try again';
      return { kind: 'unwritable', message };
    });
  }

  async #want(wish: OverlayWish): Promise<OverlayOutcome | 'overtaken'> {
    const result = overlaid(wish, this.#situation(wish.route));
    if (result.kind !== 'change') return result;
    const { change } = result;
    const told = { message: change.reason, changes: change.changes, scope: this.#scope };
    if (wish.isDryRun) {
      const status = this.#statusIn(change.kept, wish.route);
      return { ...told, kind: 'done', revision: undefined, status };
    }
    const revision = await this.#change(change, wish.who);
    if (typeof revision !== 'number') return revision;
    const status = this.#statusIn(this.#keeper.kept, wish.route);
    return { ...told, kind: 'done', revision, status };
  }

  async #change(change: Change, who: string) {
    try {
      return await this.#keeper.change(change, who, 'person');
    } catch (error) {
      if (error instanceof Overtaken) return 'overtaken';
      if (error instanceof Unwritable) {
        return { kind: 'unwritable', message: error.message } as const;
      }
      throw error;
    }
  }

  #situation(route: string) {
    const { standing, hash, documents } = this.#keeper;
    return {
      kept: standing,
      hash,
      rule: this.#keeper.ruleWith(withoutOverlays(standing, [route]).kept, route),
      written: documents.textIn(hash, route) ?? '',
      changesTo: (after: Kept) => this.#changes(route, after),
      now: this.#now(),
    };
  }

  /** What a change of what is kept makes of a route, a line each. */
  #changes(route: string, after: Kept): readonly string[] {
    const was = this.#keeper.inForce().routes.find(({ name }) => name === route);
    const is = this.#keeper.ruleWith(after, route);
    return was === undefined || is === undefined ? [] : routeChanges(was, is);
  }

  /** Ends those whose time is over, in the ledger too. */
  async endThose(): Promise<void> {
    if (this.#keeper.isTogether) return this.lapse();
    for (const [route, overlay] of Object.entries(this.#keeper.kept.overlays)) {
      if (this.#isOver(overlay)) await this.#end(route);
    }
  }

  #end(route: string): Promise<void> {
    return this.#keeper.exclusively(async () => {
      const { kept } = this.#keeper;
      const overlay = overlayOf(kept, route);
      if (overlay === undefined || !this.#isOver(overlay)) return;
      const end = overlayEnd(kept, route, timeIsOver, (after) => this.#changes(route, after));
      await this.#keeper.change(end, 'turnout', 'leader');
    });
  }

  #isOver(overlay: Overlay): boolean {
    return !isInForce(overlay, this.#now());
  }

  /** Puts those out of force whose time is over, where another replica writes the ledger. */
  lapse(): Promise<void> {
    return this.#keeper.exclusively(() => this.#keeper.lapse());
  }
}
