import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
}

const help = `Examples:
  turnout enable shop v2
`;

/** `turnout enable`: takes back a `disable`. */
export function addEnable(program: Command, ports: Ports): void {
  const command = program
    .command('enable')
    .description('let a version that was disabled take requests again')
    .argument('<route>', 'the route')
    .argument('<version>', 'the version')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, version: string, flags: Flags) => {
      const { reason } = flags;
      await tell(adminOf(flags, ports), 'enable', route, { version, reason }, ports);
    });
  addAdminOptions(command);
}
