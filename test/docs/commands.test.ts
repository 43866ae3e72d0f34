import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { programOf } from '../../src/cli/program.ts';
import { pages, root } from './pages.ts';

const terminal = { out: () => {}, err: () => {} };
// Only its shape is looked at: no port is called.
const program = programOf({ terminal, env: {}, version: '' } as never, () => {});
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const standardScripts = ['ci', 'install', 'pack', 'publish'];

/** What is called `turnout` and followed by a word: in a shell, or between backticks. */
const calls = /(?:^|(?<!npm install)[\s$`(|])turnout ([a-z]+)([^`\n|#)&]*)/gm;

/** Returns the flags of a command line, quoted text left out. */
function flagsIn(words: string): readonly string[] {
  const plain = words.replaceAll(/'[^']*'|"[^"]*"/g, 'text');
  return [...plain.matchAll(/(?<=\s)(--[a-z-]+|-[a-zA-Z])(?=[\s=]|$)/g)].map(([flag]) => flag);
}

function optionsOf(name: string): readonly (string | undefined)[] | undefined {
  const command = program.commands.find((one) => one.name() === name);
  return command?.options.flatMap(({ long, short }) => [long, short]).concat('--help', '-h');
}

for (const { path, text, blocks, prose } of pages()) {
  const code = [...prose.matchAll(/`[^`\n]+`/g)].map(([inline]) => inline);
  const shells = blocks.filter(({ language }) => /^(?:sh|console|)$/.test(language));
  const shell = [...code, ...shells.map((block) => block.text.replaceAll('\\\n', ' '))].join('\n');

  test(`${path}: the commands it names are there, with their flags`, async (t) => {
    const demo = [...shell.matchAll(/npm start --(?= )([^`\n|#]*)/g)].map(
      ([, words = '']) => ['demo', words] as const,
    );
    const named = [...shell.matchAll(calls)].map(([, name = '', words = '']) => [name, words]);
    for (const [name = '', words = ''] of [...named, ...demo]) {
      const options = optionsOf(name);
      t.ok(options, `turnout ${name}`);
      for (const flag of flagsIn(words)) t.ok(options?.includes(flag), `turnout ${name} ${flag}`);
    }
  });

  test(`${path}: the npm scripts it names are there`, async (t) => {
    for (const [, name = ''] of shell.matchAll(/npm (?:run )?([a-z:]+)/g)) {
      t.ok(name in scripts || standardScripts.includes(name), `npm run ${name}`);
    }
  });

  test(`${path}: the variables it names are read`, async (t) => {
    const options = program.commands.flatMap((command) => command.options);
    const help = options.map(({ description }) => description).join();
    for (const [name] of text.matchAll(/\bTURNOUT_[A-Z_]+/g)) t.match(help, name);
  });
}
