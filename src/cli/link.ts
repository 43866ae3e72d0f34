import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { maxTokenTtlSeconds, overrideToken } from '#core/routing/override-token';
import type { Route } from '#core/routing/route';
import type { OverrideRule } from '#core/routing/rules';
import type { Snapshot } from '#core/snapshot/snapshot';
import { durationMs } from './duration.ts';
import { readKeys } from './keys.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import { rulesFileName, snapshotOfFile } from './rules-file.ts';
import { type Given, settingList } from './settings.ts';
import { macBy } from './sign.ts';
import { exitCodes, Trouble } from './trouble.ts';

interface Flags extends Given {
  readonly rules?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly scheme: 'http' | 'https';
  readonly ttl: string;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout link shop v2 --host shop.example.com --keys keys.txt
  turnout link shop v2 --host shop.example.com --keys keys.txt --ttl 1h -o json
`;

/** `turnout link`: a signed way to one version, for whoever has it. */
export function addLink(program: Command, ports: Ports): void {
  program
    .command('link')
    .description('sign a preview link to one version of a route')
    .argument('<route>')
    .argument('<version>')
    .option('-c, --rules <file>', `the rules document (${settingList.rules.variable})`)
    .option(
      '--keys <file>',
      `keys, ID:SECRET a line; the first signs (${settingList.keysFile.variable})`,
    )
    .option('--host <name>', 'the host the link is good for; known where the route has just one')
    .option('--ttl <duration>', 'how long, up to 7d', '1d')
    .addOption(new Option('--scheme <scheme>').choices(['http', 'https']).default('https'))
    .addOption(outputOption())
    .addHelpText('before', help)
    .action((route: string, version: string, flags: Flags) => link(route, version, flags, ports));
}

async function link(name: string, version: string, flags: Flags, ports: Ports): Promise<void> {
  const ttlSeconds = ttlOf(flags.ttl);
  const { keysFile } = settingList;
  const route = routeNamed(await snapshotOfFile(rulesFileName(flags.rules, ports), ports), name);
  const override = overrideOf(route);
  checkVersion(route, version);
  const authority = authorityOf(route, flags.host);
  const keysName = flags.keys ?? (ports.env[keysFile.variable] || undefined);
  if (keysName === undefined) {
    const remedy = 'Turnout itself must run with the same file';
    throw wrong(`name the file of keys with --keys or ${keysFile.variable}`, remedy);
  }
  const keys = readKeys(keysName);
  const [keyId = ''] = keys.keys();
  const expiresAt = Math.floor(Date.now() / 1_000) + ttlSeconds;
  const nonce = randomBytes(12).toString('base64url');
  const host = authority.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
  const token = overrideToken({ keyId, route: name, version, host, expiresAt, nonce }, macBy(keys));
  if (token === undefined) throw new Error(`no key ${keyId} in ${keysName}`);

  const base = `${flags.scheme}://${authority}${pathOf(route)}`;
  const ways = waysOf(override, base, token);
  const expires = new Date(expiresAt * 1_000).toISOString();
  if (flags.output === 'json') {
    ports.terminal.out(jsonText({ route: name, version, host, expires, token, ...ways }));
    return;
  }
  ports.terminal.out(`${ways.url ?? ways.curl}\n`);
  ports.terminal.err(`leads to ${version} of ${name} at ${host} until ${expires}\n`);
}

function wrong(message: string, remedy?: string): Trouble {
  return new Trouble(exitCodes.wrongUse, message, remedy);
}

function ttlOf(text: string): number {
  const ttlSeconds = Math.floor((durationMs(text) ?? 0) / 1_000);
  if (ttlSeconds > 0 && ttlSeconds <= maxTokenTtlSeconds) return ttlSeconds;
  throw wrong(`--ttl must be a duration from 1s to 7d, for example 12h, got "${text}"`);
}

function routeNamed({ routes }: Snapshot, name: string): Route {
  const route = routes.find((one) => one.name === name);
  if (route !== undefined) return route;
  throw wrong(`there is no route "${name}"`, `there is ${names(routes)}`);
}

function names(list: readonly { readonly name: string }[]): string {
  const shown = list.slice(0, 10).map(({ name }) => `"${name}"`);
  return `${shown.join(', ')}${list.length > shown.length ? ', …' : ''}`;
}

function checkVersion({ name, versions }: Route, wanted: string): void {
  const version = versions.find((one) => one.name === wanted);
  if (version === undefined) {
    throw wrong(`route "${name}" has no version "${wanted}"`, `it has ${names(versions)}`);
  }
  if (version.state === 'disabled') {
    throw wrong(`version "${wanted}" of route "${name}" is disabled: no link can reach it`);
  }
}

function overrideOf({ name, rule }: Route): OverrideRule {
  if (rule.override !== undefined) return rule.override;
  const remedy = 'add to the route: override: { query: turnout-version }';
  throw wrong(`route "${name}" takes no override`, remedy);
}

/** The one host a route names, if it is just one; a pattern is none. */
function authorityOf({ name, rule }: Route, given: string | undefined): string {
  const [only, ...more] = rule.match?.host ?? [];
  const host = given ?? (more.length === 0 && !only?.startsWith('*') ? only : undefined);
  if (host === undefined) {
    throw wrong(`name the host with --host: route "${name}" does not take just one`);
  }
  if (/^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host)) return host;
  throw wrong(`--host must be a name, with or without a port, got "${host}"`);
}

function pathOf({ rule }: Route): string {
  const [test] = rule.match?.path ?? [];
  return test?.exact ?? test?.prefix ?? '/';
}

interface Ways {
  readonly url?: string;
  readonly curl?: string;
}

/** A browser can follow a query only; header and cookie are for programs. */
function waysOf({ query, header, cookie }: OverrideRule, base: string, token: string): Ways {
  const curl =
    header !== undefined
      ? `curl -H '${header}: ${token}' '${base}'`
      : `curl -b '${cookie}=${token}' '${base}'`;
  if (query === undefined) return { curl };
  const url = `${base}?${encodeURIComponent(query)}=${token}`;
  return header === undefined && cookie === undefined ? { url } : { url, curl };
}
