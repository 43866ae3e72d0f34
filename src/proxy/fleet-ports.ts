import type { EndpointState, RetryReason, Trouble } from '#core/exchange/labels';
import type { Endpoint } from '#core/routing/route';
import type { HealthRule } from '#core/routing/rules';

/** What is known of a name. */
export interface NameKnown {
  /** The last good answer; undefined before there was one. */
  readonly addresses: readonly string[] | undefined;
  /** What went wrong with the last look; undefined if nothing did. */
  readonly trouble: string | undefined;
}

/** What is checked: an address that an endpoint is, or stands for. */
export interface Checked {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly rule: HealthRule;
}

/** What fleets, and the attempts that use them, get from outside. */
export interface FleetPorts {
  /**
   * Follows the addresses of a name: calls at each change, and at once if something is known.
   * Returns what ends it.
   */
  readonly followName: (host: string, changed: (known: NameKnown) => void) => () => void;
  /**
   * Checks an endpoint: calls `changed` at each change, and at once if it is down, and `passed`
   * once, when a check has passed. Returns what ends it.
   */
  readonly check: (
    target: Checked,
    changed: (isUp: boolean) => void,
    passed: () => void,
  ) => () => void;
  /** Whether the own admin listener is there. */
  readonly isAdmin: (address: string, port: number) => boolean;
  /** So many endpoints of a version are in a state more (+) or less (-). */
  readonly endpoints: (row: number, state: EndpointState, change: number) => void;
  /** All endpoints of a version are used because too few are well (+1), or no longer (-1). */
  readonly panicking: (row: number, change: 1 | -1) => void;
  /** An endpoint is left out. `place` is what a log may say of it. */
  readonly ejected: (row: number, trouble: Trouble, place: string, forMs: number) => void;
  /** An exchange waits for a connection (+1), or does no longer (-1). */
  readonly waiting: (row: number, change: 1 | -1) => void;
  /** A request is sent again. */
  readonly retried: (row: number, reason: RetryReason) => void;
  /** A request is not sent again, for want of budget. */
  readonly retryDenied: (row: number) => void;
}
