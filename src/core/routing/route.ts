import type { Condition } from '#core/conditions/condition';
import type { PathCut } from './rewrite.ts';
import type {
  Comparison,
  EjectionRule,
  HeaderEdits,
  HealthRule,
  OnUnavailable,
  OverrideRule,
  RedirectRule,
  Retries,
  RewriteRule,
  RouteRule,
  StickyRule,
  Timeouts,
  UnitSource,
  UpstreamTls,
  VersionLimits,
  VersionState,
} from './rules.ts';

/** One address of a version. Equal keys are the same endpoint across snapshots. */
export interface Endpoint {
  /**
   * `http://host:port`, lower case, port always there. With TLS settings they follow behind a `#`:
   * what is connected under one key was verified by one rule.
   */
  readonly key: string;
  readonly protocol: 'http' | 'https';
  /** Name or address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What `Host` says where a request names none: `host:port`. */
  readonly authority: string;
  /** Of an https endpoint; undefined: nothing but what holds anyway. */
  readonly tls: UpstreamTls | undefined;
}

/** A version, compiled. */
export interface Version {
  readonly name: string;
  readonly slot: string;
  /** Bytes of the slot, one character per byte: what is hashed. */
  readonly slotBytes: string;
  /** The slot as the sticky cookie holds it. */
  readonly stickySlot: string;
  readonly weight: number;
  readonly state: VersionState;
  readonly endpoints: readonly Endpoint[];
  /** What has them in a cluster: `shop/shop-v1:8080`; undefined: they are written. */
  readonly service: string | undefined;
  /** All of them are terminating: they serve, and none counts as ready. */
  readonly isTerminating: boolean;
  /** Why there are none; '' where nothing is wrong. */
  readonly trouble: string;
  /** Why nothing can be sent to it, whose endpoints are none; undefined: it is valid. */
  readonly invalid: string | undefined;
  /** Position among all versions of the snapshot: what is kept of each of them is found by it. */
  readonly index: number;
  /** Row of the counters of this (route, version): the same in every snapshot of a process. */
  readonly row: number;
  /** The route's edits and then the version's; undefined where there are none. */
  readonly requestHeaders: readonly HeaderEdits[] | undefined;
  readonly responseHeaders: readonly HeaderEdits[] | undefined;
}

/** Versions with their weights, ready to be drawn from. `score` order is in rendezvous.ts. */
export interface Split {
  /** Active versions with weight > 0, sorted by the bytes of their slots. */
  readonly versions: readonly Version[];
  readonly weights: Float64Array;
  /** Bytes of each slot, one character per byte. */
  readonly slots: readonly string[];
  readonly totalWeight: number;
}

export interface Audience {
  readonly name: string;
  /** Position in the route; the index of its counter. */
  readonly index: number;
  readonly holds: Condition;
  /** Undefined where the version it names takes nobody new (drain, disabled): it is passed over. */
  readonly split: Split | undefined;
}

/** A mirror, compiled. */
export interface Mirror {
  /** Takes new requests: a mirror to one that drains or is disabled is none. */
  readonly version: Version;
  readonly percent: number;
  readonly methods: ReadonlySet<string>;
  readonly inFlight: number;
  readonly bodyBytes: number;
  readonly compare: Comparison | undefined;
}

/** A fault, compiled. */
export interface Fault {
  /** Undefined: every request. */
  readonly holds: Condition | undefined;
  /** Only requests that were assigned to this version; undefined: to any. */
  readonly version: Version | undefined;
  readonly delayMs: number;
  /** 0: no delay. */
  readonly delayPercent: number;
  /** 0: the connection is reset. */
  readonly abortStatus: number;
  /** 0: nothing is aborted. */
  readonly abortPercent: number;
}

/** What of a route's exchanges is counted for the judge of its rollout, compiled. */
export interface Judged {
  readonly release: string;
  readonly step: number;
  readonly revision: number;
  readonly stable: Version;
  readonly candidate: Version;
  /** T90, T95 and T99 of the stable version; undefined: not known yet. */
  readonly limitsMs: readonly [number, number, number] | undefined;
  readonly goal: Goal | undefined;
}

/** A request that a unit should make, compiled. */
export interface Goal {
  readonly holds: Condition;
  /** Statuses of the answer. */
  readonly statuses: readonly [from: number, to: number];
}

/** A route, compiled. Immutable; an exchange keeps the one it found. */
export interface Route {
  readonly name: string;
  /** Position in the document: the first match wins. */
  readonly index: number;
  /** Row of the counters of exchanges without a version. */
  readonly row: number;
  readonly rule: RouteRule;
  /** The whole of `match`. `Snapshot.find` answers the same, faster. */
  readonly matches: Condition;
  /** In document order, disabled ones included. */
  readonly versions: readonly Version[];
  readonly split: Split;
  readonly audiences: readonly Audience[];
  /**
   * What decides for each audience: its condition, or `false` for one that is passed over. Routes
   * with the same audiences share the list, so that it stays in the processor's caches
   * (bench/micro/lookup.bench.ts).
   */
  readonly audienceConditions: readonly Condition[];
  /** Empty for `unit: request`. Names are bytes, those of headers in lower case. */
  readonly unit: readonly UnitSource[];
  /** Index of `issue` in `unit`; -1 where no unit is issued. */
  readonly issueSource: number;
  /** Bytes of the salt, one character per byte. */
  readonly salt: string;
  /** The cookie's name is bytes. */
  readonly sticky: StickyRule | undefined;
  /** Names are bytes, that of the header in lower case. */
  readonly override: OverrideRule | undefined;
  /** Whether a client's address is in `override.trusted`. */
  readonly trusts: (address: string) => boolean;
  readonly onUnavailable: OnUnavailable;
  /** The version `onUnavailable: fallback` names, unless it takes nobody new (drain, disabled). */
  readonly fallback: Version | undefined;
  /** Heads of requests may have to be written anew, for another version than the first one. */
  readonly keepsHeads: boolean;
  readonly timeouts: Timeouts;
  /** What `rewrite` and `redirect` with a `prefix` cut from the path. */
  readonly cuts: readonly PathCut[];
  /** Paths of both are bytes that may stand in a target. */
  readonly rewrite: RewriteRule | undefined;
  readonly redirect: RedirectRule | undefined;
  readonly retries: Retries;
  readonly health: HealthRule | undefined;
  readonly ejection: EjectionRule | undefined;
  /** A rollout takes endpoints away on purpose: recreate, ramped. */
  readonly endpointsGo: boolean;
  /** 0: off. */
  readonly slowStartMs: number;
  /** Of each version. */
  readonly limits: VersionLimits;
  readonly allowsUpgrade: boolean;
  readonly allowsEncodedSlash: boolean;
  readonly mirror: Mirror | undefined;
  readonly fault: Fault | undefined;
  readonly judging: Judged | undefined;
  /** Every request waits until a later snapshot says otherwise, as long as `onUnavailable` has it. */
  readonly isHeld: boolean;
}
