import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, t as whole } from 'tap';
import { runTrial } from '../../bench/trials/run-trial.ts';

// Processes are started and ended in turn; each trial has time limits of its own.
whole.setTimeout(300_000);

for (const { name, promise } of [
  { name: 'bad-canary', promise: 'a bad version goes back by itself, and a good one does not' },
  { name: 'abort', promise: 'after an abort nothing reaches the version any more' },
  { name: 'killed-rollout', promise: 'a killed process comes back at the step where it was' },
  { name: 'replicas-killed', promise: 'replicas that are killed move a release as one' },
] as const) {
  test(promise, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'outcome.json');
    const { code, outcome, text } = await runTrial(name, ['--short'], file, 'pipe');
    t.comment(text);
    t.same(outcome?.checks.filter(({ holds }) => !holds) ?? text, []);
    t.equal(code, 0);
  });
}
