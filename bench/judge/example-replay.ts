// The replay file of the documentation: a canary of which 3 % fail instead of 1 %. Always the same.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from '#core/judge/measurement';
import { replayHeader, replayStep, replayTick } from '#core/judge/replay';
import { defaultJudge } from '#core/judge/rule';
import { seeded } from './random.ts';
import { requestTick } from './requests.ts';

const beganAt = Date.UTC(2026, 10, 24, 12);
const steps = [
  { share: 0.01, forMs: 60_000 },
  { share: 0.1, forMs: 600_000 },
];
const slow = [
  [0.1, 0.102],
  [0.05, 0.051],
  [0.01, 0.01],
] as const;

/** Returns its text: a tick each 5 seconds at 100 requests a second, 12 in each of two steps. */
export function exampleReplay(): string {
  const random = seeded(3);
  const header = replayHeader({
    route: 'shop',
    release: 'shop-3',
    from: 'v1',
    to: 'v2',
    mode: 'compare',
    rule: defaultJudge,
    passMargins: [],
    differences: undefined,
  });
  const lines = steps.flatMap(({ share, forMs }, step) => {
    const at = beganAt + step * 60_000;
    const ticks = Array.from({ length: step === 0 ? 12 : 24 }, (_, i) => {
      const stepAgeMs = (i + 1) * 5_000;
      const traffic = { perTick: 500, share, failing: [0.01, 0.03], slow, revision: step + 1 };
      const measurement: Measurement = {
        ...requestTick(random, { ...traffic, failing: [0.01, 0.03] }),
        at: at + stepAgeMs,
      };
      return replayTick({ measurement, stepAgeMs, limitsMs: [180, 268, 640] });
    });
    return [replayStep({ at, forMs, passMargin: undefined }), ...ticks];
  });
  return [header, ...lines].join('');
}

export const exampleFile = join(import.meta.dirname, '../../config/replays/shop-3.jsonl');

if (import.meta.main) writeFileSync(exampleFile, exampleReplay());
