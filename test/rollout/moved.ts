import type { Document } from '../../src/core/document/document.ts';
import type { EndpointView, VersionView } from '../../src/core/endpoints/version-view.ts';
import type { VersionCounts } from '../../src/rollout/departures.ts';
import type { Keeper } from '../../src/rollout/keeper.ts';
import { Measures } from '../../src/rollout/measures.ts';
import type { RolloutEvent } from '../../src/rollout/ports.ts';
import type { Rollouts } from '../../src/rollout/rollouts.ts';
import { judgedRoute, of, type Sketch, tallyOf } from './judged.ts';

/** Rollouts of the route `shop`, moved by a test: what is done is noted. */
export abstract class Moved {
  abstract readonly keeper: Keeper;
  abstract readonly rollouts: Rollouts;
  readonly events: RolloutEvent[] = [];
  readonly troubles: string[] = [];
  readonly measures = new Measures();
  readonly tally = tallyOf();
  nowMs = 1_000;

  async take(document: Document, hash = 'aaa'): Promise<void> {
    await this.keeper.exclusively(() =>
      this.keeper.taken(this.keeper.prepare(document, hash, ''), []),
    );
  }

  async lookAt(nowMs: number): Promise<void> {
    this.nowMs = nowMs;
    await this.rollouts.look();
  }

  /** Counts exchanges as the route in force is judged. */
  observe(...sketches: readonly Sketch[]): void {
    const route = judgedRoute(this.keeper.inForce().routes[0]?.judging);
    for (const sketch of sketches) this.tally.observe(of(route, sketch));
  }

  /** What v2 has of the route in force: its weight among both, and whether it may be reached. */
  get share(): number | undefined {
    const versions = this.keeper.inForce().routes[0]?.versions ?? [];
    const v2 = versions.find(({ name }) => name === 'v2');
    const total = versions.reduce((sum, { weight }) => sum + weight, 0);
    return v2 === undefined || v2.state === 'disabled' ? undefined : v2.weight / total;
  }
}

export const noCounts: VersionCounts = {
  ...{ requests: 0, failures: 0, inFlight: 0, held: 0, unserved: 0, sent: 0 },
  ...{ lastSentAt: undefined, lastEndedAt: undefined },
};

/** An endpoint that is well, or is not. */
export function endpoint(isWell = true): EndpointView {
  const healthy = isWell ? 1 : 0;
  return {
    url: 'http://a:1',
    address: 'a:1',
    seen: { healthy, unhealthy: 0, ejected: 0 },
    proven: healthy,
    inFlight: 0,
    connections: 0,
  };
}

/** A version of the route `shop` with one endpoint that is well, unless told otherwise. */
export function viewOf(version: string, rest: Partial<VersionView> = {}): VersionView {
  return {
    route: 'shop',
    version,
    inFlight: 0,
    waiting: 0,
    panicking: 0,
    processes: 1,
    reachable: 1,
    terminating: 0,
    trouble: '',
    endpoints: [endpoint()],
    ...rest,
  };
}
