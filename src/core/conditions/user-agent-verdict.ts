import { deviceOfUserAgent } from './device-of-user-agent.ts';
import type { BrowserFamily, OsFamily } from './families.ts';
import { browserOfUserAgent, osOfUserAgent } from './families-of-user-agent.ts';
import type { Device } from './when.ts';

/** What a User-Agent tells about its client. */
export interface UserAgentVerdict {
  readonly device: Device;
  readonly os: OsFamily;
  readonly browser: BrowserFamily;
}

/** What is looked at of a longer User-Agent. */
export const maxReadBytes = 1_024;
/** Longer ones are judged anew each time: nobody may fill the memory with them. */
export const maxRememberedBytes = 512;
export const maxRememberedVerdicts = 4_096;

/**
 * Remembers verdicts by User-Agent, the last few thousand different ones: a verdict costs some
 * microseconds, and few different clients send most requests. Holds 4 MiB at most.
 */
const remembered = new Map<string, UserAgentVerdict>();

/** Returns the verdict on a User-Agent; the same text always gets the same. */
export function userAgentVerdict(userAgent: string | undefined): UserAgentVerdict {
  const text = userAgent ?? '';
  if (text.length > maxRememberedBytes) return judge(text.slice(0, maxReadBytes));
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const verdict = judge(text);
  if (remembered.size >= maxRememberedVerdicts) forgetOldest();
  remembered.set(text, verdict);
  return verdict;
}

/** Returns how many verdicts are remembered. */
export function rememberedVerdicts(): number {
  return remembered.size;
}

function judge(userAgent: string): UserAgentVerdict {
  return {
    device: deviceOfUserAgent(userAgent),
    os: osOfUserAgent(userAgent),
    browser: browserOfUserAgent(userAgent),
  };
}

function forgetOldest(): void {
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}
