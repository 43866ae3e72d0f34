import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf, timeoutOf } from './admin-options.ts';
import type { Ports } from './ports.ts';
import { proofTimeoutMs, waitForProof } from './proof.ts';
import { routeStatuses } from './route-statuses.ts';
import { tell } from './tell.ts';

interface Flags extends AdminFlags {
  readonly reason?: string;
}

const help = `Examples:
  turnout abort shop --reason 'the cart is empty'    everybody back, and the proof of it
`;

/** `turnout abort`: everybody back to the version they came from; waits for the last request. */
export function addAbort(program: Command, ports: Ports): void {
  const command = program
    .command('abort')
    .description('take a rollout back at once, and wait until the new version is empty')
    .argument('<route>', 'the route')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('before', help)
    .action((route: string, flags: Flags) => abort(route, flags, ports));
  addAdminOptions(command, 'how long to wait for the last request; default 30s');
}

async function abort(route: string, flags: Flags, ports: Ports): Promise<void> {
  const timeoutMs = timeoutOf(flags) ?? proofTimeoutMs;
  const client = adminOf(flags, ports);
  const [before] = await routeStatuses(client, route);
  await tell(client, 'abort', route, { reason: flags.reason }, ports);
  const version = before?.status.rollout?.to;
  if (version !== undefined) await waitForProof(client, route, version, timeoutMs, ports);
}
