import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
}

const help = `Examples:
  turnout resume shop
`;

/** `turnout resume`: on from where somebody, the judge or a step has paused it. */
export function addResume(program: Command, ports: Ports): void {
  const command = program
    .command('resume')
    .description('go on with a rollout that is paused, or once more with one that is over')
    .argument('<route>', 'the route')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, flags: Flags) => {
      const { reason } = flags;
      await tell(adminOf(flags, ports), 'resume', route, { reason }, ports);
    });
  addAdminOptions(command);
}
