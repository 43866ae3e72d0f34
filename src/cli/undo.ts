import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { revisionOf } from './revision-option.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
  readonly toRevision?: string;
}

const help = `Examples:
  turnout undo shop                    its release is taken back; without one, as it last stood otherwise
  turnout undo shop --to-revision 7    see "turnout history shop"
`;

/** `turnout undo`: makes a route stand as it stood, in one swap. */
export function addUndo(program: Command, ports: Ports): void {
  const command = program
    .command('undo')
    .description('take a release back, also one that is complete, or go back to a revision')
    .argument('<route>', 'the route')
    .option('--to-revision <number>', 'to how it stood then')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, flags: Flags) => {
      const { reason } = flags;
      const toRevision =
        flags.toRevision === undefined ? undefined : revisionOf(flags.toRevision, '--to-revision');
      await tell(adminOf(flags, ports), 'undo', route, { toRevision, reason }, ports);
    });
  addAdminOptions(command);
}
