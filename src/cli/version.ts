import type { Command } from 'commander';
import type { Ports } from './ports.ts';

/** `turnout version` says what `turnout --version` says. */
export function addVersion(program: Command, { terminal, version }: Ports): void {
  program
    .command('version')
    .description('print the version')
    .action(() => terminal.out(`turnout ${version}\n`));
}
