import type { Audience, Version } from './route.ts';

/** Why a version was chosen. `none`: no version could be. */
export const reasons = ['none', 'override', 'audience', 'sticky', 'split', 'fallback'] as const;
export type Reason = (typeof reasons)[number];

/**
 * Which version a request was given, and why. One object per connection, filled anew
 * for each request.
 */
export interface Assignment {
  /** The version that serves; undefined where none may. */
  version: Version | undefined;
  /** The version chosen first: another one than `version` only after a fallback. */
  assigned: Version | undefined;
  reason: Reason;
  /** Why `assigned` was chosen: what a fallback does not change. */
  assignedBy: Reason;
  /** The audience that held, for the reason `audience`. */
  audience: Audience | undefined;
  /** Bytes of the unit, one character per byte; '' where the request has none. */
  unit: string;
  /** Index into the route's `unit`; -1 where the request has none. */
  unitSource: number;
  /** The unit was made up for this request: the answer sets the issued cookie. */
  minted: boolean;
  /** The answer sets the sticky cookie. */
  remember: boolean;
  /** The token of a preview link just opened, which the answer sets as cookie; '' without one. */
  link: string;
}

/** Returns the reason as logs, spans and people read it: `audience:phones`. */
export function reasonText(assignment: Assignment): string {
  return assignment.audience === undefined || assignment.reason !== 'audience'
    ? assignment.reason
    : `audience:${assignment.audience.name}`;
}
