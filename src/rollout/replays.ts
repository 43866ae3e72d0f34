import type { Measurement } from '#core/judge/measurement';
import { mergeMeasurements } from '#core/judge/merge-measurements';
import { type ReplayTick, replayHeader, replayStep, replayTick } from '#core/judge/replay';
import type { Entry } from './entries.ts';
import type { KeptRollout } from './kept.ts';
import type { LookAt } from './look.ts';
import type { Records } from './records.ts';

/** A line in so much of a release's age: long ones are told in fewer lines, and none is too long. */
const linesPerAge = 500;
const leastMs = 1_000;

/**
 * Keeps what the judge was told, so that a verdict can be come to again. Ticks are added up
 * before they are written: evidence adds up, so that nothing is lost by that but time.
 */
export class Replays {
  readonly #ledger: Records;
  readonly #releases = new Map<string, Written>();

  constructor(ledger: Records) {
    this.#ledger = ledger;
  }

  async tick(
    entry: Entry,
    { state, limitsMs }: KeptRollout,
    { measurement, quantilesMs, now }: LookAt,
  ): Promise<void> {
    if (measurement === undefined) return;
    const release = await this.#of(entry, state);
    const asked = { stepAgeMs: now - state.stepBeganAt, quantilesMs, limitsMs };
    if (release.tick !== undefined && release.tick.measurement.isWarm !== measurement.isWarm) {
      await this.flush(state.release);
    }
    release.tick = { measurement: added(release.tick?.measurement, measurement), ...asked };
    const everyMs = Math.max(leastMs, (now - state.beganAt) / linesPerAge);
    if (now - release.writtenAt < everyMs) return;
    release.writtenAt = now;
    await this.flush(state.release);
  }

  /** Writes what has been added up. */
  async flush(release: string): Promise<void> {
    const written = this.#releases.get(release);
    if (written?.tick === undefined) return;
    const line = replayTick(written.tick);
    written.tick = undefined;
    await this.#ledger.addTicks(release, line);
  }

  /** A step begins. */
  async step(entry: Entry, { state }: KeptRollout): Promise<void> {
    if (!this.#releases.has(state.release)) return;
    await this.flush(state.release);
    await this.#ledger.addTicks(state.release, stepLine(entry, state));
  }

  /** Returns the record of a release; undefined where nothing was judged. */
  async of(release: string): Promise<string | undefined> {
    await this.flush(release);
    return this.#ledger.ticksOf(release);
  }

  retain(releases: ReadonlySet<string>): void {
    for (const name of this.#releases.keys()) if (!releases.has(name)) this.#releases.delete(name);
  }

  async #of(entry: Entry, state: KeptRollout['state']): Promise<Written> {
    const { release } = state;
    const known = this.#releases.get(release);
    if (known !== undefined) return known;
    const begun: Written = { writtenAt: Number.NEGATIVE_INFINITY, tick: undefined };
    this.#releases.set(release, begun);
    const { judging, from, to, steps } = entry.plan;
    if (judging === undefined || (await this.#ledger.ticksOf(release)) !== undefined) return begun;
    const passMargins = steps.flatMap(({ passMargin }) => passMargin ?? []);
    const route = entry.routes[0] ?? entry.name;
    const header = replayHeader({ route, release, from, to, passMargins, ...judging });
    await this.#ledger.addTicks(release, header + stepLine(entry, state));
    return begun;
  }
}

interface Written {
  writtenAt: number;
  /** What has been added up since. */
  tick: ReplayTick | undefined;
}

function added(before: Measurement | undefined, measurement: Measurement): Measurement {
  return before === undefined ? measurement : mergeMeasurements([before, measurement]);
}

function stepLine({ plan }: Entry, { step, stepBeganAt }: KeptRollout['state']): string {
  const { end, passMargin } = plan.steps[step] ?? {};
  const forMs = end !== undefined && 'forMs' in end ? end.forMs : 0;
  return replayStep({ at: stepBeganAt, forMs, passMargin });
}
