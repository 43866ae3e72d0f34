import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
  readonly force?: true;
}

const help = `Examples:
  turnout switch shop green
  turnout switch shop green --force    also where fewer of its endpoints are ready
`;

/** `turnout switch`: everybody to one version, all routes of its group in one swap. */
export function addSwitch(program: Command, ports: Ports): void {
  const command = program
    .command('switch')
    .description('give a version everything at once, with the routes of its group')
    .argument('<route>', 'the route')
    .argument('<version>', 'the version that gets everything')
    .option('--force', 'also to a version that is not ready')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, version: string, flags: Flags) => {
      const { reason, force } = flags;
      await tell(adminOf(flags, ports), 'switch', route, { version, reason, force }, ports);
    });
  addAdminOptions(command);
}
