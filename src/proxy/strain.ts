import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Strain } from '#core/overload/shed-level';

const resolutionMs = 10;
const nanosecondsPerMs = 1e6;

/** How hard this process is at work. */
export interface StrainGauge {
  /** Returns the strain since the last call. */
  read(): Strain;
  close(): void;
}

/**
 * Begins to watch the event loop and the memory of this process; so many processes, this one
 * among them, live of the memory that there is.
 */
export function watchStrain(processes = 1): StrainGauge {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  // Without a limit Node says 0, or a number that no machine has.
  const constrained = process.constrainedMemory();
  const isLimited = constrained > 0 && constrained < 2 ** 50;
  const limit = constrained / processes;
  return {
    read: () => {
      const loopDelayMs = Math.max(0, delays.percentile(50) / nanosecondsPerMs - resolutionMs);
      delays.reset();
      return { loopDelayMs, memoryShare: isLimited ? process.memoryUsage.rss() / limit : 0 };
    },
    close: () => {
      delays.disable();
    },
  };
}
