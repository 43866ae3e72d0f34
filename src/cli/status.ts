import type { Command } from 'commander';
import { type AdminFlags, addAdminOptions, adminOf, timeoutOf } from './admin-options.ts';
import { changeLine } from './change-line.ts';
import { apiVersion, jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import type { Finish } from './program.ts';
import { routeStatuses, type ShownStatus } from './route-statuses.ts';
import { statusText } from './status-text.ts';
import { exitCodes } from './trouble.ts';
import { watch } from './watch.ts';

interface Flags extends AdminFlags {
  readonly watch?: true;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout status                      how every route stands
  turnout status shop -w              a line per change, until it is over: 0 where it is complete
  turnout status shop -w --timeout 1h
`;

/** `turnout status`: how routes and their rollouts stand, and how they end. */
export function addStatus(program: Command, ports: Ports, finish: Finish): void {
  const command = program
    .command('status')
    .description('tell how a rollout stands, or wait for its end')
    .argument('[route]', 'the route; else all of them')
    .option('-w, --watch', 'print a line per change until it is over or wants a person')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action(async (route: string | undefined, flags: Flags) =>
      finish(await status(route, flags, ports)),
    );
  addAdminOptions(command, 'how long -w waits; default: until the end');
}

async function status(route: string | undefined, flags: Flags, ports: Ports): Promise<number> {
  const client = adminOf(flags, ports);
  const look = () => routeStatuses(client, route);
  const isJson = flags.output === 'json';
  const { terminal, now } = ports;
  if (flags.watch) {
    const line = ({ status, json }: ShownStatus) =>
      isJson ? JSON.stringify({ apiVersion, ...Object(json) }) : changeLine(status, now());
    return await watch(look, (one) => terminal.out(`${line(one)}\n`), timeoutOf(flags), ports);
  }
  const routes = await look();
  const text = () => routes.map(({ status }) => statusText(status, now())).join('\n');
  terminal.out(isJson ? jsonText({ routes: routes.map(({ json }) => json) }) : text());
  return exitCodes.done;
}
