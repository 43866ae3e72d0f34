// Runs the trials one after the other, each in a process of its own, and says which held.
//
//   npm run trials                                      all of them, kept in ../results and README.md
//   npm run trials -- --only fault-grid                 one of them, kept beside the others
//   npm run trials -- --short --only fault-grid,aborts  some of them, smaller; nothing is kept
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { record } from '../record.ts';
import { fillReadme, keptOutcomes } from './fill-readme.ts';
import { type TrialName, trials } from './list.ts';
import { runTrial } from './run-trial.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: trials.join(',') },
    program: { type: 'string', default: 'src/main.ts' },
    /** Keeps the outcomes, if they are those of the whole form; of the others what is kept stays. */
    write: { type: 'boolean', default: false },
  },
});

const names = values.only.split(',');
const unknown = names.filter((name) => !trials.includes(name as TrialName));
if (unknown.length > 0) {
  process.stderr.write(`no such trial: ${unknown.join(', ')}; there are ${trials.join(', ')}\n`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'turnout-trials-'));
const flags = ['--program', values.program, ...(values.short ? ['--short'] : [])];
const outcomes = [];
const missed: string[] = [];
for (const name of names) {
  const { outcome } = await runTrial(name, flags, join(folder, `${name}.json`), 'inherit');
  if (outcome !== undefined) outcomes.push(outcome);
  if (!outcome?.held) missed.push(name);
}
rmSync(folder, { recursive: true });
if (values.write && !values.short) {
  const known = [...outcomes, ...keptOutcomes()];
  const latest = trials.flatMap((name) => known.find((each) => each.name === name) ?? []);
  record('trials', { outcomes: latest });
  fillReadme();
}
process.stdout.write(
  missed.length === 0
    ? `all ${names.length} trials held\n`
    : `${missed.length} of ${names.length} trials did not hold: ${missed.join(', ')}\n`,
);
process.exitCode = missed.length === 0 ? 0 : 1;
