import { listenTrouble } from './listen-trouble.ts';
import type { Listeners, Ports, Running } from './ports.ts';
import { type Given, readSettings, type Settings } from './settings.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** Returns the settings; throws `Trouble` with every reason why they cannot be used. */
export function settingsOrTrouble(given: Given, { env }: Pick<Ports, 'env'>): Settings {
  const read = readSettings(given, env);
  if (read.problems === undefined) return read.settings;
  throw new Trouble(exitCodes.wrongUse, read.problems.join('\nerror: '));
}

/** Serves; an address that cannot be listened on is told by the setting that named it. */
export async function serveOrTrouble(
  settings: Settings,
  { serve }: Pick<Ports, 'serve'>,
  listeners: Listeners,
): Promise<Running> {
  try {
    return await serve(settings, listeners);
  } catch (error) {
    const port = error instanceof Error && 'port' in error ? error.port : settings.listen.port;
    const named = [
      { address: settings.listen, flag: '--listen' },
      { address: settings.tlsListen, flag: '--tls-listen' },
      { address: settings.admin, flag: '--admin' },
    ];
    const { address = settings.listen, flag = '--listen' } =
      named.find(({ address: at }) => at?.port === port) ?? {};
    throw listenTrouble(address, error, `with ${flag}`);
  }
}
