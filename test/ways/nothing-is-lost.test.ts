import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, t as whole } from 'tap';
import { trials } from '../../bench/trials/list.ts';
import { runTrial } from '../../bench/trials/run-trial.ts';

/** The trials whose figures are counts: none of them depends on how fast the machine is. */
const counted = [
  { name: 'reload-under-load', promise: 'a reload' },
  { name: 'a-volume-swapped-a-thousand-times', promise: 'a ConfigMap that is updated' },
  { name: 'sigterm-under-load', promise: 'a SIGTERM' },
  { name: 'stale-keep-alive', promise: 'an upstream that closes a connection as it is used again' },
  { name: 'fault-grid', promise: 'whatever goes wrong on either side, at any point' },
  { name: 'aborts', promise: 'clients that go away at any byte' },
  { name: 'byte-identity', promise: 'any pace on either side' },
] as const;

// Processes are started and ended in turn; each trial has time limits of its own.
whole.setTimeout(600_000);

for (const { name, promise } of counted) {
  test(`nothing is lost by ${promise}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const { code, outcome, text } = await runTrial(
      name,
      ['--short'],
      join(folder, 'outcome.json'),
      'pipe',
    );
    t.comment(text);
    t.same(outcome?.checks.filter(({ holds }) => !holds) ?? text, []);
    t.equal(code, 0);
  });
}

test('every trial of the list has a script, and the other way round', async (t) => {
  const folder = join(import.meta.dirname, '../../bench/trials');
  const scripts = globSync('*.trial.ts', { cwd: folder });
  t.same(
    scripts.map((script) => script.replace('.trial.ts', '')).toSorted(),
    [...trials].toSorted(),
  );
});
