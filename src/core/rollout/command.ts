/** What a person may tell a rollout to do. */
export const verbs = [
  'pause',
  'resume',
  'promote',
  'abort',
  'switch',
  'disable',
  'enable',
  'undo',
] as const;
export type Verb = (typeof verbs)[number];

/** A verb with what belongs to it. */
export interface Command {
  readonly verb: Verb;
  readonly route: string;
  /** Of `switch`, `disable` and `enable`. */
  readonly version: string | undefined;
  /** Of `undo`; undefined: how the route stood before. */
  readonly toRevision: number | undefined;
  /** Of `promote`: all of it at once, not the next step; of `switch`: also to a version that is not ready. */
  readonly isForced: boolean;
  /** Who says so: a user name, or an address. */
  readonly who: string;
  /** Why; undefined where nothing was said. */
  readonly reason: string | undefined;
}

export type CommandOutcome =
  | { readonly kind: 'done'; readonly revision: number; readonly message: string }
  /** Not found: there is no such route, version or revision. Conflict: it does not fit how things stand. */
  | { readonly kind: 'not_found' | 'conflict' | 'unwritable'; readonly message: string };
