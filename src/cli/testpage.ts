import type { Command } from 'commander';
import { addressText } from './address.ts';
import { listenTrouble } from './listen-trouble.ts';
import type { Ports } from './ports.ts';
import { exitCodes, Trouble } from './trouble.ts';

const help = `Examples:
  PORT=9001 VERSION=v1 turnout testpage                   answers "I am: <ip>, the version is: v1"
  PORT=9002 VERSION=v2 ERROR_RATE=0.05 turnout testpage   fails one answer in twenty
`;

const variables = `
Variables:
  PORT, HOST    where it listens (8080, 0.0.0.0)
  POD_IP        the address it tells; else the one the request came in on
  VERSION       the version it tells (v1)
  ERROR_RATE    share of answers that are a 500, 0 to 1 (0)
  LATENCY_MS    how long an answer takes (0)
  START_MS      how long it is not ready after its start (0)
  DRAIN_MS      how long it serves on after SIGTERM, unready (0)

Paths: /livez, /readyz, /metrics, /order (POST counts, GET tells), else the page.
`;

/** `turnout testpage`: the little service of every example. */
export function addTestpage(program: Command, ports: Ports): void {
  program
    .command('testpage')
    .description('a little service that tells its address and version')
    .addHelpText('before', help)
    .addHelpText('after', variables)
    .action(() => testpage(ports));
}

async function testpage({ terminal, env, servePage, stopped }: Ports): Promise<void> {
  const stop = stopped();
  const page = await servePage(env).catch((error: unknown) => {
    const address = { host: env.HOST || '0.0.0.0', port: Number(env.PORT || 8080) };
    throw listenTrouble(address, error, 'with PORT or HOST');
  });
  if ('problems' in page) throw new Trouble(exitCodes.wrongUse, page.problems.join('\nerror: '));
  terminal.err(`testpage ${env.VERSION || 'v1'} listens on http://${addressText(page)}\n`);
  await stop;
  await page.drain();
}
