/** Weights of a route with a time limit: they stand in place of those that it has otherwise. */
export interface Overlay {
  /** By version; who is not named has none. */
  readonly weights: Weights;
  /** Milliseconds since 1970. From `endsAt` on it is not in force any more, whoever still has it. */
  readonly beganAt: number;
  readonly endsAt: number;
  /** A user name, or an address. */
  readonly who: string;
  /** Undefined where nothing was said. */
  readonly reason: string | undefined;
}

/** Relative whole numbers by version. */
export type Weights = Readonly<Record<string, number>>;

export const minOverlayMs = 1_000;
export const maxOverlayMs = 86_400_000;

/** What a person wants of the overlay of a route. */
export interface OverlayWish {
  readonly route: string;
  /** Undefined: the one that there is should end. */
  readonly set: { readonly weights: Weights; readonly ttlMs: number } | undefined;
  readonly who: string;
  readonly reason: string | undefined;
  /** Whether what the person has seen of it is what is there now; see `OverlayStatus.tag`. */
  readonly isExpected: (tag: string) => boolean;
  /** Tells what would be, and changes nothing. */
  readonly isDryRun: boolean;
}

/** How the overlay of a route stands. */
export interface OverlayStatus {
  /** Undefined: it has none. */
  readonly overlay: Overlay | undefined;
  /** Another one whenever the document or the overlay is another; equal on all replicas. */
  readonly tag: string;
}

/** Where an overlay holds: in this process alone, also after its restart, or on all replicas. */
export type Scope = 'process' | 'replica' | 'replicas';

export type OverlayOutcome =
  | {
      readonly kind: 'done';
      /** Undefined for a dry run. */
      readonly revision: number | undefined;
      readonly message: string;
      /** What it changes, a line each. */
      readonly changes: readonly string[];
      readonly status: OverlayStatus;
      readonly scope: Scope;
    }
  | { readonly kind: OverlayRefusal; readonly message: string };

/**
 * Not found: there is no such route. Changed: it is not what the person has seen. Under way: a
 * rollout has the weights. Unfit: weights that this route cannot have. None: nothing is there to
 * end. Unwritable: it cannot be kept.
 */
export type OverlayRefusal =
  | 'not_found'
  | 'changed'
  | 'under_way'
  | 'unfit'
  | 'none'
  | 'unwritable';

/** Returns weights as people read them: `v1 90, v2 10`. */
export function weightsText(weights: Weights): string {
  return Object.entries(weights)
    .map(([version, weight]) => `${version} ${weight}`)
    .join(', ');
}
