import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { t as file, test } from 'tap';
import type { Happened } from '../../../bench/judge/release.ts';
import type { JudgeFile } from '../../../bench/judge/result.ts';
import { asShipped, heavyCrowd, onRequests, onUsers, releases } from '../../../bench/judge/rows.ts';

// The short form of `npm run simulate:judge`: the same seeds, a sixteenth of the runs. In a
// process of its own, since counting what was covered would make it five times as slow. 15 s of
// one core, which others may want as well.
file.setTimeout(600_000);
const bench = resolve(import.meta.dirname, '../../../bench/judge');
const short = promisify(execFile)(process.execPath, [join(bench, 'short.ts')], { env: {} });
const { rows, compared } = JSON.parse((await short).stdout) as JudgeFile;

for (const { id, what, figures } of rows) {
  test(`${id}. ${what}`, async (t) => {
    for (const { label, value, limit, isLeast = false, holds } of figures) {
      t.ok(holds, `${label}: ${value}, ${isLeast ? 'at least' : 'at most'} ${limit}`);
    }
  });
}

test('others roll back what is as good, or do not find what is bad; the judge does neither', async (t) => {
  const [ours, , ...rest] = compared;
  const shares = (rule: typeof ours, isEqual: boolean) =>
    rule?.outcomes.flatMap(({ scenario, rolledBack }) =>
      scenario.startsWith('equal') === isEqual ? [rolledBack] : [],
    ) ?? [];
  t.ok(
    shares(ours, true).every((share) => share <= 0.07),
    'equal versions stay',
  );
  t.ok(
    shares(ours, false).every((share) => share === 1),
    'bad ones go',
  );
  // It does neither, too, but says so after an hour.
  const late = 'Kayenta, Mann-Whitney, 60 points';
  for (const rule of rest.filter((one) => one.rule !== late)) {
    const alarms = Math.max(...shares(rule, true));
    const misses = 1 - Math.min(...shares(rule, false));
    t.ok(alarms > 0.07 || misses > 0.07, `${rule.rule}: ${alarms} rolled back, ${misses} missed`);
  }
});

test('asking for the verdict only where it may change is the same as asking always', async (t) => {
  const traffic = { perTick: 1_000, share: 0.1, failing: [0.01, 0.02] } as const;
  const crowd = { ...heavyCrowd, users: 2_000, perTick: 200, failing: 0.05, ratio: 2 };
  for (const until of ['fail', 'pass'] as const) {
    for (const begin of [
      onRequests(asShipped, traffic, { until, ticks: 60 }),
      onUsers(asShipped, crowd, [0.1, 0.5], undefined, { until }),
    ]) {
      const ends = (isWhole: boolean): readonly (Happened | undefined)[] =>
        releases(4, 6, (random) => ({ ...begin(random), isWhole }));
      t.same(ends(false), ends(true));
    }
  }
});
