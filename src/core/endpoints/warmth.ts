const least = 0.1;

/** Returns which part of its share an endpoint gets `ms` after it came, if `windowMs` is its slow start. */
export function warmth(ms: number, windowMs: number): number {
  return ms >= windowMs ? 1 : Math.max(least, ms / windowMs);
}
