/** Who caused a failure. */
export type Side = 'downstream' | 'upstream' | 'turnout';

/**
 * Every way an exchange may end without an upstream's whole answer.
 *
 * The word is the same in the log, the metric's label, the answer's body and the
 * reference, and never changes once released. Status 0: nothing can be sent any more.
 */
export const failures = {
  no_route: { status: 404, side: 'downstream' },
  bad_request: { status: 400, side: 'downstream' },
  body_too_large: { status: 413, side: 'downstream' },
  request_timeout: { status: 408, side: 'downstream' },
  client_disconnect: { status: 0, side: 'downstream' },
  upgrade_refused: { status: 501, side: 'turnout' },
  connect_failure: { status: 502, side: 'upstream' },
  connect_timeout: { status: 504, side: 'upstream' },
  response_timeout: { status: 504, side: 'upstream' },
  upstream_reset: { status: 502, side: 'upstream' },
  upstream_malformed: { status: 502, side: 'upstream' },
  idle_timeout: { status: 504, side: 'upstream' },
  total_timeout: { status: 504, side: 'upstream' },
  hold_timeout: { status: 503, side: 'upstream' },
  no_endpoint: { status: 503, side: 'upstream' },
  overflow: { status: 503, side: 'turnout' },
  shed: { status: 503, side: 'turnout' },
  loop: { status: 508, side: 'downstream' },
  internal: { status: 500, side: 'turnout' },
} as const satisfies Record<string, { readonly status: number; readonly side: Side }>;

export type Failure = keyof typeof failures;
