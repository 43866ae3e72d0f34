import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
}

const help = `Examples:
  turnout pause shop --reason 'the database is being moved'
`;

/** `turnout pause`: the steps stand still; the way back stays open. */
export function addPause(program: Command, ports: Ports): void {
  const command = program
    .command('pause')
    .description('let a rollout stand as it is; the judge may still take it back')
    .argument('<route>', 'the route')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, flags: Flags) => {
      const { reason } = flags;
      await tell(adminOf(flags, ports), 'pause', route, { reason }, ports);
    });
  addAdminOptions(command);
}
