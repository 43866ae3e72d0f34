const leastMs = 25;
const mostMs = 250;
/** A client is not made to wait longer than this for what an upstream asks. */
const askedMostSeconds = 3;

/**
 * Returns how long to wait before a request is repeated, in milliseconds. By chance over the
 * whole range ("full jitter"): those who failed together must not come back together.
 */
export function retryPause(random: number): number {
  return leastMs + random * (mostMs - leastMs);
}

/**
 * The same where an answer may say how long: the value of its `Retry-After`. Undefined where it
 * asks for more than a client is made to wait, or for a time of day: then it is not repeated,
 * and the client is told what the upstream said.
 */
export function askedPause(retryAfter: string | undefined, random: number): number | undefined {
  if (retryAfter === undefined) return retryPause(random);
  if (!/^\d{1,9}$/.test(retryAfter)) return undefined;
  const seconds = Number(retryAfter);
  return seconds > askedMostSeconds ? undefined : Math.max(seconds * 1_000, retryPause(random));
}
