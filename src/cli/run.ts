import { type Command, Option } from 'commander';
import { addressText } from './address.ts';
import type { DrainTimes, Ports } from './ports.ts';
import type { Finish } from './program.ts';
import { rulesText } from './rules-setting.ts';
import { serveOrTrouble, settingsOrTrouble } from './serve.ts';
import { type Given, settingList } from './settings.ts';
import { exitCodes } from './trouble.ts';

const help = `Examples:
  turnout run --rules routes.yaml
  turnout run --rules routes.yaml --listen 0.0.0.0:8080 --admin 127.0.0.1:9090
  turnout run --rules routes.yaml --listen 0.0.0.0:8443 --tls-cert tls.crt --tls-key tls.key
  TURNOUT_RULES=/etc/turnout/routes.yaml turnout run
  turnout run --rules configmap:shop/turnout-rules
  turnout run --rules httproutes:shop/edge
`;

/** `turnout run`: the proxy itself. Each setting is a flag and a variable; the flag wins. */
export function addRun(program: Command, ports: Ports, finish: Finish): void {
  const command = program
    .command('run')
    .description('serve: take traffic and split it as the rules say')
    .addHelpText('before', help)
    .action(async (flags: Record<string, string | boolean>) =>
      finish(await run(given(flags), ports)),
    );
  for (const [name, setting] of Object.entries(settingList)) {
    const standard = setting.standard ? `, default ${setting.standard}` : '';
    const option = new Option(setting.flags, `${setting.help} (${setting.variable}${standard})`);
    command.addOption(option.attributeName() === name ? option : named(option, name));
  }
}

/** Makes commander keep an option's value under the name the setting has. */
function named(option: Option, name: string): Option {
  option.attributeName = () => name;
  return option;
}

/** A flag that says no comes as false, and as true where it is not there: that says nothing. */
function given(flags: Readonly<Record<string, string | boolean>>): Given {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [
      name,
      value === true ? undefined : String(value),
    ]),
  );
}

/** After a fault what is begun has this long to end. */
const faultDrain: DrainTimes = { delayMs: 0, timeoutMs: 5_000 };

/** Serves until told to stop. 1 where it had to stop by itself. */
async function run(given: Given, ports: Ports): Promise<number> {
  const stopped = ports.stopped();
  const settings = settingsOrTrouble(given, ports);
  const running = await serveOrTrouble(settings, ports, {});
  const { terminal } = ports;
  terminal.err(`turnout ${ports.version} serves ${rulesText(settings.rules)}\n`);
  for (const traffic of running.traffic)
    terminal.err(`  traffic  ${traffic.scheme}://${addressText(traffic)}\n`);
  if (running.admin !== undefined)
    terminal.err(`  admin    http://${addressText(running.admin)}\n`);
  const fault = await Promise.race([stopped, running.broken]);
  if (fault !== undefined) terminal.err(`error: ${fault}\n`);
  terminal.err('stopping: what is begun is finished; a second signal ends it now\n');
  const { drainDelayMs: delayMs, drainTimeoutMs: timeoutMs } = settings;
  const { aborted } = await running.drain(
    fault === undefined ? { delayMs, timeoutMs } : faultDrain,
  );
  if (aborted > 0) terminal.err(`${aborted} requests were cut when the drain timed out\n`);
  return fault === undefined ? exitCodes.done : exitCodes.badState;
}
