/** The endpoint goes away: a server that ends, a page that is left (RFC 6455 section 7.4.1). */
const goingAway = 1001;

const finalClose = 0x88;
const isMasked = 0x80;

/**
 * Returns a Close that says 1001. A `mask` of four bytes is for the way to a server: every
 * frame there has one, which the sender of what it covers could not foresee (RFC 6455
 * sections 5.1 and 10.3).
 */
export function closeFrame(mask: Uint8Array | undefined): Uint8Array {
  const code = [goingAway >> 8, goingAway & 0xff];
  if (mask === undefined) return Uint8Array.of(finalClose, code.length, ...code);
  const masked = code.map((byte, at) => byte ^ (mask[at] ?? 0));
  return Uint8Array.of(finalClose, isMasked | code.length, ...mask, ...masked);
}
