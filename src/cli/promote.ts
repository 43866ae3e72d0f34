import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
  readonly full?: true;
}

const help = `Examples:
  turnout promote shop           the next step
  turnout promote shop --full    everything to the new version
`;

/** `turnout promote`: the next step, whatever the judge says, or all of it. */
export function addPromote(program: Command, ports: Ports): void {
  const command = program
    .command('promote')
    .description('go to the next step now, or all the way')
    .argument('<route>', 'the route')
    .option('--full', 'give the new version everything')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, flags: Flags) => {
      const { reason, full } = flags;
      await tell(adminOf(flags, ports), 'promote', route, { reason, force: full }, ports);
    });
  addAdminOptions(command);
}
