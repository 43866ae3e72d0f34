import type { Command } from 'commander';
import type { Revision } from '#core/rollout/status';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import { dated } from './dated.ts';
import { historyText, revisionText } from './history-text.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import { revisionOf } from './revision-option.ts';

interface Flags extends AdminFlags {
  readonly revision?: string;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout history shop                 what was done, when, by whom and why
  turnout history shop --revision 7    all that one of these changed
`;

/** `turnout history`: every document and every verb that changed a route. */
export function addHistory(program: Command, ports: Ports): void {
  const command = program
    .command('history')
    .description('tell what was done to a route')
    .argument('<route>', 'the route')
    .option('--revision <number>', 'one of them, with all that it changed')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action((route: string, flags: Flags) => history(route, flags, ports));
  addAdminOptions(command);
}

async function history(route: string, flags: Flags, ports: Ports): Promise<void> {
  const client = adminOf(flags, ports);
  const isJson = flags.output === 'json';
  if (flags.revision !== undefined) {
    const number = revisionOf(flags.revision, '--revision');
    const shown = await client.get(`/api/v1/history/${number}`);
    // The API is a contract: it shows a revision, with its instant as text.
    ports.terminal.out(isJson ? jsonText(shown) : revisionText(dated(shown) as Revision));
    return;
  }
  const shown = await client.get(`/api/v1/history?route=${encodeURIComponent(route)}`);
  const revisions = Array.isArray(shown.revisions) ? (dated(shown.revisions) as Revision[]) : [];
  ports.terminal.out(isJson ? jsonText(shown) : historyText(revisions));
}
