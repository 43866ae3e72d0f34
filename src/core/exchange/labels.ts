/** Labels of metrics that are the same wherever exchanges are counted. */

/** Methods with a series of their own; the rest is `_OTHER`, as OpenTelemetry names it. */
export const namedMethods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
] as const;

export const codeClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Status codes whose series begin at 0, so that a rate has a first sample. */
export const foreseenCodes = [200, 500, 502, 503, 504] as const;

/** Reasons of a decision without a name to it; audiences are counted by name. */
export const decisionReasons = ['override', 'sticky', 'split', 'fallback'] as const;

/** What became of the copy of a request. */
export const mirrorResults = [
  'answered',
  'failed',
  'too_many',
  'too_large',
  'aborted',
  'no_endpoint',
] as const;
export type MirrorResult = (typeof mirrorResults)[number];

/** What the comparison of an answer with that to the copy has brought. */
export const mirrorFindings = ['status', 'body', 'not_compared'] as const;
export type MirrorFinding = (typeof mirrorFindings)[number];

/** Whose answer it is, where both are timed. */
export const mirrorAnswers = ['original', 'copy'] as const;

/** Trouble that was made on purpose. */
export const faultKinds = ['delay', 'abort'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Why a request was sent again. */
export const retryReasons = ['connect', 'stale', 'reset', 'status'] as const;
export type RetryReason = (typeof retryReasons)[number];

/** What an endpoint did not do well: answer at all, or answer without an error of its own. */
export const troubles = ['unanswered', 'status'] as const;
export type Trouble = (typeof troubles)[number];

/** How an endpoint stands: chosen, down by its checks, or left out for its failures. */
export const endpointStates = ['healthy', 'unhealthy', 'ejected'] as const;
export type EndpointState = (typeof endpointStates)[number];

/** Why a name has no new addresses. */
export const nameTroubles = ['not_found', 'unanswered', 'empty', 'other'] as const;
export type NameTrouble = (typeof nameTroubles)[number];

/** Upper bounds of the histograms, in seconds (OpenTelemetry's http.server.request.duration). */
export const durationBoundsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

/** Failures that come before a version is chosen: none has a series of them. */
export const beforeTheChoice: ReadonlySet<string> = new Set(['no_route', 'bad_request', 'shed']);

/**
 * Why tunnels end: both sides have ended it; one was lost, or took nothing; no byte passed for too
 * long; the process ends; the version takes nothing any more; we reset it at once.
 */
export const tunnelEnds = [
  'closed',
  'client_lost',
  'upstream_lost',
  'idle_timeout',
  'drained',
  'version_left',
  'cut',
] as const;
export type TunnelEnd = (typeof tunnelEnds)[number];
