import type { Observed } from '#core/exchange/observed';
import type { Judging } from '#core/rollout/judging';
import type { Route } from '#core/routing/route';
import { Tally, type TallyPorts } from '../../src/rollout/tally.ts';
import { routeOf } from '../core/routing/made-up.ts';
import { assignmentTo, exchange } from '../telemetry/snapshots.ts';

/** A route of v1 and v2 that is judged. */
export function judgedRoute(more: Partial<Judging> = {}): Route {
  return routeOf({ judging: judging(more) });
}

export function judging(more: Partial<Judging> = {}): Judging {
  return {
    release: 'shop-1',
    step: 0,
    revision: 1,
    from: 'v1',
    to: 'v2',
    limitsMs: [100, 200, 400],
    goal: undefined,
    ...more,
  };
}

/** What a test says of an exchange: an answer of v1 after 10 ms, without a unit, and what differs. */
export interface Sketch extends Partial<Omit<Observed, 'assignment'>> {
  readonly version?: 'v1' | 'v2';
  readonly unit?: string;
  readonly minted?: boolean;
  /** To the head of the answer. */
  readonly ms?: number;
}

/** An answer that is an error. */
export const failed: Sketch = { status: 500 };

export function of(
  route: Route,
  { version = 'v1', unit = '', minted = false, ms = 10, ...more }: Sketch = {},
): Observed {
  return exchange({
    route,
    assignment: assignmentTo(route, version, { unit, minted }),
    startedAt: 1_000,
    respondedAt: 1_000 + ms,
    endedAt: 1_001 + ms,
    ...more,
  });
}

/** A tally whose chance is always a half, and what it has done later. */
export function tallyOf(ports: Partial<TallyPorts> = {}): Tally {
  return new Tally({ random: () => 0.5, after: () => {}, urgent: () => {}, ...ports });
}
