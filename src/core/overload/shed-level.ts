/**
 * What a process that has more to do than it can stops doing, from nothing to nearly all:
 * keeping connections open, taking requests, taking connections.
 */
export const shedLevels = ['nothing', 'keep-alive', 'requests', 'connections'] as const;
export type ShedLevel = (typeof shedLevels)[number];

/** How hard a process is at work, over the last second. */
export interface Strain {
  /** Half of the turns of its event loop came later than this. */
  readonly loopDelayMs: number;
  /** Resident memory as a share of what it may have, 0 to 1; 0 where there is no limit. */
  readonly memoryShare: number;
}

/** 0: no limit. */
export interface StrainLimits {
  readonly maxLoopDelayMs: number;
  readonly maxMemoryShare: number;
}

/**
 * Returns what to shed in the next second: one level more than now under too much strain, one
 * less once it is well below. Between the two it stays, so that it does not swing.
 *
 * The median is looked at, not the longest turn: one long collection of garbage, or a neighbour
 * on the same machine, is no overload, and shedding then would fail requests that could be served.
 */
export function nextShedLevel(level: ShedLevel, strain: Strain, limits: StrainLimits): ShedLevel {
  const at = shedLevels.indexOf(level);
  if (isAbove(strain, limits, 1)) return shedLevels[at + 1] ?? level;
  return isAbove(strain, limits, 0.5, 0.95) ? level : (shedLevels[at - 1] ?? level);
}

/** Memory does not come back as fast as it was taken: its lower mark is nearer to the limit. */
function isAbove(
  { loopDelayMs, memoryShare }: Strain,
  { maxLoopDelayMs, maxMemoryShare }: StrainLimits,
  loopPart: number,
  memoryPart = loopPart,
): boolean {
  return (
    (maxLoopDelayMs > 0 && loopDelayMs > maxLoopDelayMs * loopPart) ||
    (maxMemoryShare > 0 && memoryShare > maxMemoryShare * memoryPart)
  );
}

/** Whether a level sheds what another one does, too. */
export function sheds(level: ShedLevel, what: ShedLevel): boolean {
  return shedLevels.indexOf(level) >= shedLevels.indexOf(what);
}
