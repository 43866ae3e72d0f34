import type { Command } from 'commander';
import type { Difference } from '#core/snapshot/difference';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import { type RouteMoves, routeMoves } from './moves.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import { snapshotOfFile } from './rules-file.ts';
import { exitCodes, Trouble } from './trouble.ts';
import { readUnits } from './units-file.ts';

interface Flags {
  readonly units?: string;
  readonly count: string;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout simulate routes.yaml new.yaml                    how many users change version?
  turnout simulate routes.yaml new.yaml --units ids.txt    which of these?
  git show HEAD:routes.yaml | turnout simulate - routes.yaml -o json
`;

/** How many movers of a units file are named before the rest is only counted. */
const maxNamed = 20;

/** `turnout simulate`: who moves, how many, which way, before anybody does. */
export function addSimulate(program: Command, ports: Ports): void {
  program
    .command('simulate')
    .description('tell who changes version when one document takes the place of another')
    .argument('<before>', 'the document in force; "-" reads it from stdin')
    .argument('<after>', 'the document to come')
    .option('--units <file>', 'ids of users, one a line, instead of made-up ones')
    .option('--count <number>', 'how many users are made up', '20000')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action((before: string, after: string, flags: Flags) => simulate(before, after, flags, ports));
}

async function simulate(
  beforeFile: string,
  afterFile: string,
  flags: Flags,
  ports: Ports,
): Promise<void> {
  const units = countOf(flags.count);
  const before = await snapshotOfFile(beforeFile, ports);
  const after = await snapshotOfFile(afterFile, ports);
  const found = difference(before, after, { units });
  const listed = flags.units === undefined ? undefined : await readUnits(flags.units);
  const moves = listed === undefined ? undefined : routeMoves(before, after, listed);
  ports.terminal.out(
    flags.output === 'json'
      ? jsonText({ ...found, ...(moves === undefined ? {} : { moves }) })
      : textFor(found, moves),
  );
}

function countOf(text: string): number {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  const must = '--count must be a whole number from 1 to 9999999';
  throw new Trouble(exitCodes.wrongUse, `${must}, got "${text}"`);
}

function textFor(found: Difference, moves: readonly RouteMoves[] | undefined): string {
  const lines = differenceText(found);
  for (const { route, units, moved } of moves ?? []) {
    const share = units === 0 ? 0 : (moved.length / units) * 100;
    lines.push(
      `route ${route}: of ${units.toLocaleString('en')} units listed, ${moved.length.toLocaleString('en')} change version (${share.toFixed(1)} %)`,
    );
    for (const { unit, from, to } of moved.slice(0, maxNamed)) {
      lines.push(`  ${unit}  ${from ?? 'no version'} → ${to ?? 'no version'}`);
    }
    const more = moved.length - maxNamed;
    if (more > 0) lines.push(`  … and ${more.toLocaleString('en')} more; -o json names them all`);
  }
  return `${lines.join('\n')}\n`;
}
