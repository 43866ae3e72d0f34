import type { Command } from 'commander';
import type { Overlay, Scope, Weights } from '#core/rollout/overlay';
import { type AdminFlags, addAdminOptions, adminOf } from './admin-options.ts';
import { dated } from './dated.ts';
import { instantText } from './instant-text.ts';
import type { Ports } from './ports.ts';
import { userOf } from './tell.ts';
import { exitCodes, Trouble } from './trouble.ts';

interface Flags extends AdminFlags {
  readonly ttl?: string;
  readonly end?: true;
  readonly reason?: string;
  readonly dryRun?: true;
}

const help = `Examples:
  turnout weight shop v1=60 v2=40 --ttl 10m              for ten minutes, then as it was
  turnout weight shop v1=60 v2=40 --ttl 10m --dry-run    who would move?
  turnout weight shop --end                              as it was, now
`;

/** `turnout weight`: gives the versions of a route other weights for a while. */
export function addWeight(program: Command, ports: Ports): void {
  const command = program
    .command('weight')
    .description('give the versions of a route other weights for a while')
    .argument('<route>', 'the route')
    .argument('[weights...]', 'VERSION=NUMBER for each version that has a weight')
    .option('--ttl <duration>', 'for how long, from 1s to 24h; then all is as it was')
    .option('--end', 'as it was, now')
    .option('--reason <text>', 'why; kept in the history')
    .option('--dry-run', 'tell who would move, and change nothing')
    .addHelpText('before', help)
    .action((route: string, words: readonly string[], flags: Flags) =>
      weight(route, words, flags, ports),
    );
  addAdminOptions(command);
}

async function weight(
  route: string,
  words: readonly string[],
  flags: Flags,
  ports: Ports,
): Promise<void> {
  const wish = wishOf(words, flags);
  const client = adminOf(flags, ports);
  const path = `/api/v1/routes/${encodeURIComponent(route)}/overlay`;
  const { tag } = await client.tagged(path);
  const change = {
    path: flags.dryRun ? `${path}?dryRun=true` : path,
    body: { ...wish, reason: flags.reason, ...userOf(ports.env) },
    ifMatch: tag,
  };
  const answer = wish === undefined ? await client.delete(change) : await client.put(change);
  ports.terminal.out(changedText(route, answer));
}

/** Undefined: the weights that there are for a while should end. */
function wishOf(words: readonly string[], { ttl, end }: Flags) {
  if (end) {
    if (words.length === 0 && ttl === undefined) return undefined;
    throw new Trouble(exitCodes.wrongUse, '--end goes with neither weights nor --ttl');
  }
  if (words.length > 0) return { weights: weightsOf(words), ttl };
  throw new Trouble(exitCodes.wrongUse, 'say weights, such as v1=60 v2=40, or --end');
}

function weightsOf(words: readonly string[]): Weights {
  const weights = new Map<string, number>();
  for (const word of words) {
    const [, version, number] = /^([^=]+)=(\d{1,7})$/.exec(word) ?? [];
    if (version === undefined) {
      throw new Trouble(exitCodes.wrongUse, `a weight must be VERSION=NUMBER, got "${word}"`);
    }
    if (weights.has(version)) {
      throw new Trouble(exitCodes.wrongUse, `${version} has two weights`);
    }
    weights.set(version, Number(number));
  }
  return Object.fromEntries(weights);
}

const scopes: Readonly<Record<Scope, string>> = {
  process:
    'this process only: without --state-dir it ends with it, and other replicas know nothing',
  replica: 'this replica only: others know nothing of it',
  replicas: 'all replicas',
};

/** Returns what a change of an overlay brought, as a person reads it. */
function changedText(route: string, answer: Readonly<Record<string, unknown>>): string {
  // The API is a contract: its answer has these, with instants as text.
  const { revision, message, changes, scope, overlay } = dated(answer) as {
    readonly revision?: number;
    readonly message: string;
    readonly changes: readonly string[];
    readonly scope: Scope;
    readonly overlay?: Overlay;
  };
  const isDone = revision !== undefined;
  const lines = [
    isDone ? `${message} (revision ${revision})` : `${message}: a dry run, nothing was changed`,
    ...changes,
  ];
  if (overlay !== undefined) {
    lines.push(`until     ${instantText(overlay.endsAt)}`, `holds     on ${scopes[scope]}`);
  }
  if (isDone) {
    lines.push(
      `next      turnout ${overlay === undefined ? `status ${route}` : `weight ${route} --end`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
