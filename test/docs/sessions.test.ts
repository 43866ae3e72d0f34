// Every page is followed as a newcomer would: what `turnout` and `curl` print in a `console`
// block is compared with what they really print, edits (`diff`) are made, documents (`yaml`)
// are put into routes.yaml, and what the demo is said to tell (`text`) it must tell. Beside the
// demo a `turnout run … &` of an `sh` block is started.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { certificate } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startTurnout } from '../support/turnout-process.ts';
import { type Demo, masked, startDemo } from './a-demo.ts';
import { type Block, type Page, pages, root, shownIn } from './pages.ts';
import { run } from './shell.ts';

const asIs = (text: string): string => text;

function withPath(page: Page): boolean {
  return page.blocks.some(({ language }) => language === 'console');
}

/** The edit that a `diff` block shows: one run of lines takes the place of another. */
function edited(rules: string, { text }: Block): string {
  const lines = (sign: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const before = lines('-');
  if (before === '' || !rules.includes(before)) throw new Error(`not in the rules: ${before}`);
  return rules.replace(before, lines('+'));
}

/** Starts what a page starts beside its demo; resolves when all of it serves. */
async function startBeside(t: Test, { text }: Block, { place }: Demo): Promise<void> {
  for (const [, words = ''] of text.matchAll(/^turnout (run .*) &$/gm)) {
    const started = startTurnout(t, place(words).split(' '));
    await started.says(/traffic .*\n/);
  }
}

/** Asks again and again until what is wanted is printed, or returns what was printed last. */
async function untilPrinted(print: () => Promise<string>, wanted: string): Promise<string> {
  let printed = '';
  const isPrinted = async () => {
    printed = await print();
    return printed === wanted;
  };
  await eventually(isPrinted, wanted).catch(() => {});
  return printed;
}

async function follow(t: Test, block: Block, demo: Demo | undefined): Promise<void> {
  if (block.language === 'diff') await demo?.edit((rules) => edited(rules, block));
  else if (block.language === 'sh') await (demo && startBeside(t, block, demo));
  else if (block.language === 'text') await demo?.says(block.text);
  else if (block.language === 'yaml') writeFileSync('routes.yaml', block.text);
  else if (block.language === 'console') {
    const { place, unplace } = demo ?? { place: asIs, unplace: asIs };
    for (const { command, output } of shownIn(block)) {
      const print = async () => masked(unplace(await run(command, place))).trimEnd();
      const wanted = masked(output).trimEnd();
      // What is counted when an exchange is over, or comes to pass within a second, may be looked
      // at a moment too early.
      const isCount = /http:\/\/127\.0\.0\.1:9090\/|^turnout (?:status|history) /.test(command);
      const printed = isCount ? await untilPrinted(print, wanted) : await print();
      t.equal(printed, wanted, `line ${block.line}: ${command}`);
    }
  }
}

for (const page of pages().filter(withPath)) {
  test(`${page.path}: what it shows is what happens`, async (t) => {
    const { cert, key } = certificate({ names: ['localhost'] });
    const folder = t.testdir({
      'keys.txt': 'k1:000102030405060708090a0b0c0d0e0f\n',
      'tls.crt': cert,
      'tls.key': key,
    });
    cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true });
    process.chdir(folder);
    t.teardown(() => process.chdir(root));
    const withDemo = page.blocks.some(({ text }) => text.includes('npm start'));
    const demo = withDemo ? await startDemo(t, folder) : undefined;
    for (const block of page.blocks) await follow(t, block, demo);
  });
}
