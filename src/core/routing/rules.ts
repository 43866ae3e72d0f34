import type { When } from '#core/conditions/when';

/** A route as written, after the schema: defaults filled in, durations in milliseconds. */
export interface RouteRule {
  readonly name: string;
  readonly match: When | undefined;
  /** In document order. Empty only where `redirect` answers. */
  readonly versions: readonly VersionRule[];
  /** `request` splits per request; otherwise where a user's id is looked for, in order. */
  readonly unit: 'request' | readonly UnitSource[];
  readonly salt: string;
  readonly audiences: readonly AudienceRule[];
  readonly sticky: StickyRule | undefined;
  readonly override: OverrideRule | undefined;
  readonly onUnavailable: OnUnavailable;
  readonly timeouts: Timeouts;
  readonly headers: HeaderRules | undefined;
  readonly rewrite: RewriteRule | undefined;
  readonly redirect: RedirectRule | undefined;
}

export type VersionState = 'active' | 'drain' | 'disabled';

export interface VersionRule {
  readonly name: string;
  /** Text that is hashed for this version; its name unless it takes over another's people. */
  readonly slot: string;
  /** At least one: `http://host:port`, nothing behind it. */
  readonly urls: readonly string[];
  readonly weight: number;
  readonly state: VersionState;
  readonly headers: HeaderRules | undefined;
}

/** Where a user's id is looked for. `text` is how the document says it: `header:x-user-id`. */
export type UnitSource =
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string; readonly text: string }
  | { readonly kind: 'issue'; readonly text: 'issue' };

export interface AudienceRule {
  readonly name: string;
  readonly when: When;
  /** A version, or weights of a split of its own by version name. */
  readonly to:
    | { readonly kind: 'version'; readonly version: string }
    | { readonly kind: 'split'; readonly weights: ReadonlyMap<string, number> };
}

export interface StickyRule {
  readonly cookie: string;
  readonly maxAgeSeconds: number;
}

export interface OverrideRule {
  readonly header: string | undefined;
  readonly query: string | undefined;
  readonly cookie: string | undefined;
  /** CIDRs of clients that are believed without a signature. */
  readonly trusted: readonly string[];
}

export type OnUnavailable =
  | { readonly kind: 'fail' }
  | { readonly kind: 'fallback'; readonly version: string }
  | { readonly kind: 'hold'; readonly holdMs: number };

/** 0 means no limit. */
export interface Timeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

export interface HeaderEdits {
  readonly set: Readonly<Record<string, string>>;
  readonly add: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export interface HeaderRules {
  readonly request: HeaderEdits | undefined;
  readonly response: HeaderEdits | undefined;
}

/** `prefix` replaces the matched prefix, `full` the whole path. The query stays. */
export interface PathRewrite {
  readonly kind: 'prefix' | 'full';
  readonly path: string;
}

export interface RewriteRule {
  readonly path: PathRewrite | undefined;
  readonly host: string | undefined;
}

export interface RedirectRule {
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: PathRewrite | undefined;
  readonly status: 301 | 302 | 303 | 307 | 308;
}
