import { test } from 'tap';
import { CheckStreak } from '#core/endpoints/check-streak';

const rule = { unhealthy: 3, healthy: 2 };

/** Notes checks, `+` passed and `-` not; returns what is said after each. */
function after(checks: string): string {
  const streak = new CheckStreak();
  return [...checks]
    .map((check) => {
      const before = streak.isUp;
      const hasChanged = streak.note(check === '+', rule);
      if (hasChanged !== (before !== streak.isUp)) throw new Error('told wrongly');
      return streak.isUp ? 'u' : 'd';
    })
    .join('');
}

for (const [checks, says] of [
  ['++', 'uu'],
  ['--+--+', 'uuuuuu'],
  ['---', 'uud'],
  ['---+-++', 'uuddddu'],
  ['---++---', 'uudduuud'],
] as const) {
  test(`${checks}: ${says}`, async (t) => {
    t.equal(after(checks), says);
  });
}
