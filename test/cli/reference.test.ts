import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { programOf } from '../../src/cli/program.ts';
import { settingList } from '../../src/cli/settings.ts';
import { exitCodes } from '../../src/cli/trouble.ts';
import { pageVariables } from '../../src/testpage/page-settings.ts';

const file = resolve(import.meta.dirname, '../../docs/reference/cli.md');
const reference = readFileSync(file, 'utf8').replaceAll('\\<', '<').replaceAll('\\>', '>');
const terminal = { out: () => {}, err: () => {} };
// Only its shape is looked at: no port is called.
const { commands } = programOf({ terminal, env: {}, version: '' } as never, () => {});

/** The part of the reference under a heading that begins with these words. */
function section(heading: string): string {
  const [, found = ''] = reference.split(`\n## ${heading}`);
  return found.split('\n## ', 1)[0] ?? '';
}

for (const command of commands) {
  const name = command.name();
  test(`the reference of ${name} tells its arguments and all of its flags, and no other`, async (t) => {
    const text = section(`turnout ${name}`);
    t.not(text, '');
    for (const argument of command.registeredArguments) {
      const shown = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
      t.match(text.split('\n', 1)[0], shown);
    }
    const flags = [...text.matchAll(/^\| `(-[^`]+)`/gm)].map(([, flag]) => flag);
    t.same(flags.toSorted(), command.options.map((option) => option.flags).toSorted());
  });
}

test('every command of the reference is there', async (t) => {
  const told = [...reference.matchAll(/^## turnout (\w+)/gm)].map(([, name]) => name);
  t.same(told.toSorted(), commands.map((command) => command.name()).toSorted());
});

test('the settings of run are told as the program tells them', async (t) => {
  const text = section('turnout run');
  for (const { flags, variable, standard, help } of Object.values(settingList)) {
    const shown = standard ? `\`${standard}\`` : '';
    const row = `| \`${flags}\` | \`${variable}\` | ${shown} | ${help} |\n`;
    t.ok(text.includes(row), row);
  }
});

test('every exit code and every variable of the testpage is told', async (t) => {
  for (const code of Object.values(exitCodes)) t.match(section('Exit codes'), `\n| ${code} |`);
  for (const name of Object.keys(pageVariables))
    t.match(section('turnout testpage'), `\`${name}\``);
});
