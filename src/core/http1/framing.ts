/** How the end of a body is known (RFC 9112 section 6.3). */
export const framing = {
  none: 0,
  length: 1,
  chunked: 2,
  /** Responses only: the body ends with the connection. */
  untilClose: 3,
} as const;
