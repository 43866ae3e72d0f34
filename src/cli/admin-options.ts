import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type AdminClient, adminClient } from './admin-client.ts';
import { durationMs } from './duration.ts';
import { fileTrouble } from './file-trouble.ts';
import type { Ports } from './ports.ts';
import { exitCodes, Trouble } from './trouble.ts';

export interface AdminFlags {
  readonly address?: string;
  readonly tokenFile?: string;
  readonly timeout?: string;
}

const standard = 'http://127.0.0.1:9090';

/** Gives a command the flags of all that ask an admin listener; `timeout` says what it waits for. */
export function addAdminOptions(command: Command, timeout?: string): void {
  command
    .option('--address <url>', `the admin listener (TURNOUT_ADDRESS, default ${standard})`)
    .option('--token-file <file>', 'your token, where one is needed (TURNOUT_TOKEN_FILE)');
  if (timeout !== undefined) command.option('--timeout <duration>', timeout);
}

/** Returns a client of the listener that flags and variables name. */
export function adminOf(flags: AdminFlags, ports: Ports): AdminClient {
  const address = flags.address ?? (ports.env.TURNOUT_ADDRESS || standard);
  const file = flags.tokenFile ?? (ports.env.TURNOUT_TOKEN_FILE || undefined);
  return adminClient(originOf(address), file === undefined ? undefined : tokenOf(file), ports);
}

function originOf(address: string): string {
  const url = URL.parse(address);
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url !== null && isPlain && /^https?:$/.test(url.protocol)) return url.origin;
  const must = '--address must be http://HOST:PORT';
  throw new Trouble(exitCodes.wrongUse, `${must}, got "${address}"`);
}

/** The first token of a file, which may be the one that `turnout run` reads. */
function tokenOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileTrouble('the token file', file, error);
  }
  const token = text.split(/\r?\n/).find((line) => !/^\s*(?:#|$)/.test(line));
  if (token !== undefined) return token.trim();
  throw new Trouble(exitCodes.wrongUse, `the token file ${file} holds no token`);
}

/** Returns how long is waited at most; undefined: for as long as it takes. */
export function timeoutOf({ timeout }: AdminFlags): number | undefined {
  if (timeout === undefined) return undefined;
  const ms = durationMs(timeout);
  if (ms !== undefined && ms > 0) return ms;
  const must = '--timeout must be a duration such as 30s, 10m or 2h';
  throw new Trouble(exitCodes.wrongUse, `${must}, got "${timeout}"`);
}
