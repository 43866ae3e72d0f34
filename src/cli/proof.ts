import { spanText } from '#core/rollout/span-text';
import type { VersionStatus } from '#core/rollout/status';
import type { AdminClient } from './admin-client.ts';
import { count, leavingText } from './leaving-text.ts';
import type { Ports } from './ports.ts';
import { routeStatuses } from './route-statuses.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** How long is waited at most where nothing is said: longer than most answers take. */
export const proofTimeoutMs = 30_000;
const againMs = 250;

/**
 * Waits until a version that should get nothing has nothing in flight, and prints the proof.
 * A `Trouble` where that takes too long.
 */
export async function waitForProof(
  client: AdminClient,
  route: string,
  version: string,
  timeoutMs: number,
  { terminal, now, sleep }: Ports,
): Promise<void> {
  const endsAt = now() + timeoutMs;
  for (;;) {
    const [shown] = await routeStatuses(client, route);
    const left = shown?.status.versions.find((one) => one.version === version);
    if (left !== undefined && isEmpty(left)) {
      terminal.out(`${version} of ${route}: ${proofText(left)}\n`);
      return;
    }
    if (now() >= endsAt) throw unproved(route, version, left, timeoutMs);
    await sleep(againMs);
  }
}

/** Who never had anything has nothing to leave. */
function isEmpty({ share, inFlight, leaving }: VersionStatus): boolean {
  if (leaving === undefined) return share === 0 && inFlight === 0;
  const { lastSentAt, lastEndedAt, replicas } = leaving;
  if (replicas !== undefined && replicas.inForce < replicas.heard) return false;
  return leaving.inFlight === 0 && (lastSentAt === undefined || lastEndedAt !== undefined);
}

function proofText({ leaving, inFlight }: VersionStatus): string {
  return leaving === undefined ? `${count(inFlight, 'request')} in flight` : leavingText(leaving);
}

function unproved(
  route: string,
  version: string,
  left: VersionStatus | undefined,
  timeoutMs: number,
): Trouble {
  const now = left === undefined ? 'there is none of this name' : proofText(left);
  return new Trouble(
    exitCodes.timedOut,
    `${version} of ${route} is not empty after ${spanText(timeoutMs)}: ${now}`,
    `it is done all the same; "turnout status ${route}" tells when the last request has ended`,
  );
}
