import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { type Strategy, strategies } from '#core/rollout/rule';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import type { Snapshot } from '#core/snapshot/snapshot';
import { addressText } from './address.ts';
import { curlLine } from './curl-line.ts';
import { Pages, pagesOf } from './demo-pages.ts';
import { demoStrategy } from './demo-strategy.ts';
import type { Ports, Running } from './ports.ts';
import type { Finish } from './program.ts';
import { snapshotOfFile } from './rules-file.ts';
import { serveOrTrouble, settingsOrTrouble } from './serve.ts';
import type { Given } from './settings.ts';
import { triesOf } from './tries.ts';
import { exitCodes, Trouble } from './trouble.ts';

const help = `Examples:
  turnout demo
  turnout demo canary                     a release from beginning to end, in a minute
  turnout demo blue-green --fail          the new version is a bad one
  turnout demo --listen 127.0.0.1:8081 --admin 127.0.0.1:9091
  turnout demo --rules my-routes.yaml     a testpage for each url on a loopback address
`;

interface Flags {
  readonly fail?: true;
  readonly rules?: string;
  readonly listen: string;
  readonly admin: string;
}

/** `turnout demo`: versions of a service as processes of their own, and Turnout before them. */
export function addDemo(program: Command, ports: Ports, finish: Finish): void {
  program
    .command('demo')
    .description('run versions of a service, and Turnout before them, on this machine')
    .addArgument(
      new Argument('[strategy]', 'play a release by it, from beginning to end').choices(strategies),
    )
    .option('--fail', 'with a strategy: the new version is a bad one, or somebody takes it back')
    .option(
      '-c, --rules <file>',
      'without a strategy: the rules document; default the one that comes with Turnout',
    )
    .option('-l, --listen <host:port>', 'where traffic comes in', '127.0.0.1:8080')
    .option('--admin <host:port>', 'where /metrics and friends answer', '127.0.0.1:9090')
    .addHelpText('before', help)
    .action(async (strategy: Strategy | undefined, flags: Flags) => {
      if (strategy === undefined) await demo(flags, ports);
      else if (flags.rules === undefined) finish(await demoStrategy(strategy, flags, ports));
      else throw new Trouble(exitCodes.wrongUse, 'a strategy has rules of its own: leave -c out');
    });
}

/** Runs until told to stop. Leaves no process, whatever ends it. */
async function demo(flags: Flags, ports: Ports): Promise<void> {
  const stopped = ports.stopped();
  const file = asTyped(flags.rules ?? ports.ownRulesFile);
  const given: Given = {
    rules: file,
    listen: flags.listen,
    admin: flags.admin,
    logLevel: 'silent',
  };
  const settings = settingsOrTrouble(given, { ...ports, env: {} });
  const pages = new Pages(ports);
  try {
    const snapshot = await snapshotOfFile(file, ports);
    const started = await pages.start(pagesOf(snapshot), file);
    const running = await serveOrTrouble(settings, ports, {
      onSwap: (before, after) => void tellSwap(before, after, { pages, file, ports }),
      onRefused: (problems) => ports.terminal.err(`\n${problems}`),
    });
    ports.terminal.out(greeting(running, started, file, snapshot, ports));
    const fault = await Promise.race([stopped, running.broken]);
    ports.terminal.err('\nstopping\n');
    await running.drain({ delayMs: 0, timeoutMs: 2_000 });
    if (fault !== undefined) throw new Trouble(exitCodes.badState, fault);
  } finally {
    await pages.stop();
  }
}

/** Returns a path as one would type it here. */
function asTyped(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}

function greeting(
  { traffic, admin }: Running,
  pages: Awaited<ReturnType<Pages['start']>>,
  file: string,
  snapshot: Snapshot,
  { terminal }: Ports,
): string {
  const [url = ''] = traffic.map((one) => `${one.scheme}://${addressText(one)}`);
  const lines = [
    ...pages.map((page) => `${page.version.padEnd(9)} http://${addressText(page)}`),
    `turnout   ${terminal.strong(url)}`,
    ...(admin === undefined ? [] : [`admin     http://${addressText(admin)}/metrics`]),
    `rules     ${file}`,
    '',
    terminal.strong('Try, in a second terminal:'),
    ...tryLines(snapshot, url),
    '',
    `Then change a weight in ${file} and watch. Ctrl-C ends it all.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Two lines each: a command is often longer than a terminal is wide. */
function tryLines(snapshot: Snapshot, url: string): string[] {
  return triesOf(snapshot).flatMap(({ request, shows }) => [
    `  # ${shows}`,
    `  ${curlLine(request, url)}`,
  ]);
}

interface Telling {
  readonly pages: Pages;
  readonly file: string;
  readonly ports: Ports;
}

/** Says what a reload changed and who moves; versions that are new get their page. */
async function tellSwap(before: Snapshot, after: Snapshot, telling: Telling): Promise<void> {
  const { pages, file, ports } = telling;
  const changes = differenceText(difference(before, after)).map((line) => `  ${line}\n`);
  ports.terminal.out(`\nreloaded ${file}, ${before.hash} → ${after.hash}\n${changes.join('')}`);
  try {
    for (const page of await pages.start(pagesOf(after), file)) {
      ports.terminal.out(`  started ${page.version} at http://${addressText(page)}\n`);
    }
  } catch (error) {
    ports.terminal.err(`${error instanceof Error ? error.message : error}\n`);
  }
}
