import type { When } from '#core/conditions/when';
import type { Judging } from '#core/rollout/judging';
import type { RolloutRule } from '#core/rollout/rule';

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
  readonly retries: Retries;
  /** Undefined: no active checks. */
  readonly health: HealthRule | undefined;
  /** Undefined: no endpoint is left out for its failures. */
  readonly ejection: EjectionRule | undefined;
  /** 0: a new endpoint gets its whole part at once. */
  readonly slowStartMs: number;
  readonly limits: VersionLimits;
  readonly allowsUpgrade: boolean;
  /** Paths may hold `%2F` and `%5C`. */
  readonly allowsEncodedSlash: boolean;
  readonly mirror: MirrorRule | undefined;
  readonly fault: FaultRule | undefined;
  readonly rollout: RolloutRule | undefined;
  /** What is counted for the judge of its rollout: never written, but put in by how that stands. */
  readonly judging: Judging | undefined;
  /** Every request waits: the versions are changing places. Never written either. */
  readonly isHeld: boolean;
}

export type VersionState = 'active' | 'drain' | 'disabled';

export interface VersionRule {
  readonly name: string;
  /** Text that is hashed for this version; its name unless it takes over another's people. */
  readonly slot: string;
  /**
   * `http://host:port` or `https://host:port`, nothing behind it, all of one scheme. At least one as
   * written, unless the version is invalid; those of a `service` are never written, but put in as they
   * are found: there may be none.
   */
  readonly urls: readonly string[];
  /** Where its endpoints come from in a cluster; undefined: `urls` are written. */
  readonly service: ServiceRule | undefined;
  /** All endpoints of its service are terminating: they serve, and none counts as ready. Never written. */
  readonly isTerminating: boolean;
  /** Why its service has no endpoint; '' where nothing is wrong. Never written. */
  readonly trouble: string;
  readonly weight: number;
  readonly state: VersionState;
  readonly headers: HeaderRules | undefined;
  /** Its own, the route's or that of `defaults`; undefined where its endpoints are http. */
  readonly tls: UpstreamTls | undefined;
  /** Why nothing can be sent to it: what it is assigned is answered with 500. Absent: it is valid. */
  readonly invalid?: string;
}

/** A Kubernetes Service, whose ready endpoints are those of a version. */
export interface ServiceRule {
  readonly name: string;
  /** Undefined: that of the process. */
  readonly namespace: string | undefined;
  /** Of the Service: its number, or its name. */
  readonly port: number | string;
  readonly protocol: 'http' | 'https';
  /** Only endpoints whose pods carry this label; undefined: all. */
  readonly podLabel: PodLabel | undefined;
}

export interface PodLabel {
  readonly key: string;
  readonly value: string;
}

/** How an https endpoint is spoken to. Files are names here: who connects reads them. */
export interface UpstreamTls {
  /** File of the authorities that are believed; undefined: those that Node believes. */
  readonly ca: string | undefined;
  /** Files of what is shown to the endpoint: both or none. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Asked for by SNI and looked for in the certificate; undefined: the host of the endpoint. */
  readonly serverName: string | undefined;
  /** Whether the certificate's chain and name are checked. */
  readonly verify: boolean;
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
  /** Of one attempt, from its connection to the end of the answer. */
  readonly attemptMs: number;
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

export interface Retries {
  /** How often a request may be sent again; 0: never. */
  readonly attempts: number;
  /** Of an answer that is asked for again: 429 and 5xx. Failures to connect need no status. */
  readonly statuses: readonly number[];
  /** How many retries there may be beside the requests of a version, in percent of them. */
  readonly budgetPercent: number;
}

/** Active checks of each endpoint. */
export interface HealthRule {
  /** With a query or without. */
  readonly path: string;
  /** What `Host` says; undefined: the endpoint itself. */
  readonly host: string | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** How many checks in a row must go wrong until an endpoint is down. */
  readonly unhealthy: number;
  /** How many must go right until it is up again. */
  readonly healthy: number;
  /** Of an answer that is right; undefined: 200 to 399. */
  readonly statuses: readonly number[] | undefined;
}

/** Leaving out an endpoint that fails, for a while. */
export interface EjectionRule {
  /** How many failures in a row. */
  readonly failures: number;
  /** The first time; longer each time it happens again. */
  readonly forMs: number;
  /** How many endpoints of a version may be left out at once, in percent of them. */
  readonly maxPercent: number;
}

/** What one version of the route may have at once; `bodyBytes` is of one request. */
export interface VersionLimits {
  readonly connections: number;
  readonly inFlight: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** How long one of them waits. */
  readonly waitMs: number;
  /** 0 means no limit. */
  readonly bodyBytes: number;
}

/** Copies of requests to a version whose answers nobody gets. */
export interface MirrorRule {
  /** A version of the same route. */
  readonly to: string;
  readonly percent: number;
  readonly methods: readonly string[];
  /** Copies under way at once; what would be more is not copied. */
  readonly inFlight: number;
  /** Of the request's body; what has a longer one is not copied. */
  readonly bodyBytes: number;
  /** Undefined: answers are thrown away unseen. */
  readonly compare: Comparison | undefined;
}

/** What of the answers to a request and its copy is compared. */
export interface Comparison {
  readonly status: boolean;
  readonly latency: boolean;
  readonly body: 'json' | 'bytes' | 'off';
  /** Places in JSON bodies that may differ: segments of JSON pointers; `*` stands for any. */
  readonly ignore: readonly (readonly string[])[];
  /** How much of each body is kept to be compared. */
  readonly bodyBytes: number;
}

/** Trouble made on purpose, for rehearsals. */
export interface FaultRule {
  /** Undefined: every request. */
  readonly when: When | undefined;
  /** Only requests that were assigned to this version; undefined: to any. */
  readonly version: string | undefined;
  readonly delayMs: number;
  /** 0: no delay. */
  readonly delayPercent: number;
  /** What is answered in place of a version; 0: the connection is reset. */
  readonly abortStatus: number;
  /** 0: nothing is aborted. */
  readonly abortPercent: number;
}
