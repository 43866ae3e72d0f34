/** The monotonic clock of this process, in milliseconds. */
export const monotonic = (): number => performance.now();

/**
 * Returns when this process began, by the clock that all processes of a system share. What two
 * of them say differs by as much as their monotonic clocks do.
 */
export function bootedAtMs(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}
