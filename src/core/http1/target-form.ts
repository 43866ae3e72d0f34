/** How a request names what it wants (RFC 9112 section 3.2). */
export const targetForm = {
  /** `/path?query` */
  origin: 0,
  /** `http://host/path?query`; it is forwarded in origin form. */
  absolute: 1,
  /** `*`, with OPTIONS only: the question is to us, not to anything behind us. */
  asterisk: 2,
} as const;
