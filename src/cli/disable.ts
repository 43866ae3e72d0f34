import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf, timeoutOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { proofTimeoutMs, waitForProof } from './proof.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
}

const help = `Examples:
  turnout disable shop v2 --reason 'loses carts'    nothing reaches it, and the proof of it
`;

/** `turnout disable`: nothing reaches a version any more; waits for its last request. */
export function addDisable(program: Command, ports: Ports): void {
  const command = program
    .command('disable')
    .description('let nothing reach a version any more, and wait until it is empty')
    .argument('<route>', 'the route')
    .argument('<version>', 'the version')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action(async (route: string, version: string, flags: Flags) => {
      const timeoutMs = timeoutOf(flags) ?? proofTimeoutMs;
      const client = adminOf(flags, ports);
      await tell(client, 'disable', route, { version, reason: flags.reason }, ports);
      await waitForProof(client, route, version, timeoutMs, ports);
    });
  addAdminOptions(command, 'how long to wait for its last request; default 30s');
}
