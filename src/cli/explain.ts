import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Facts } from '#core/conditions/facts';
import type { AssignPorts } from '#core/routing/assign';
import { explain } from '#core/routing/explain';
import { explainMatch } from '#core/routing/explain-match';
import type { Snapshot } from '#core/snapshot/snapshot';
import { describedRequest, type RequestFlags } from './described-request.ts';
import { distribution, distributionText } from './distribution.ts';
import { explanationText } from './explanation-text.ts';
import { readKeys } from './keys.ts';
import { jsonText, type OutputForm, outputOption } from './output-option.ts';
import type { Ports } from './ports.ts';
import { factsOf, type RefusedRequest } from './request-facts.ts';
import { rulesFileName, snapshotOfFile } from './rules-file.ts';
import { settingList } from './settings.ts';
import { macBy } from './sign.ts';
import { exitCodes, Trouble } from './trouble.ts';

interface Flags extends RequestFlags {
  readonly rules?: string;
  readonly keys?: string;
  readonly count?: string;
  readonly output: OutputForm;
}

const help = `Examples:
  turnout explain https://shop.example.com/cart -H 'x-user-id: 4711'
  turnout explain /cart --cookie insider=yes --ua 'Mozilla/5.0 (iPhone)'
  turnout explain https://shop.example.com/ --count 10000    how many of 10,000 users get which version?
`;

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** `turnout explain`: one decision, step by step, or a distribution of many. */
export function addExplain(program: Command, ports: Ports): void {
  const { rules, keysFile } = settingList;
  program
    .command('explain')
    .description('tell which version a request gets, and why')
    .argument('<url>', 'http://host/path, or a path')
    .option('-c, --rules <file>', `the rules document (${rules.variable}, default routes.yaml)`)
    .option('-X, --request <method>', 'the method', 'GET')
    .option('-H, --header <line>', 'a header, "name: value"; more than one may be given', collect)
    .option('-b, --cookie <pair>', 'a cookie, "name=value"; more than one may be given', collect)
    .option('--ua <text>', 'the User-Agent')
    .option('--client <address>', 'where the request comes from', '127.0.0.1')
    .option('--keys <file>', `keys of preview links and cookies (${keysFile.variable})`)
    .option('--count <number>', 'the versions of so many made-up users instead')
    .addOption(outputOption())
    .addHelpText('before', help)
    .action((url: string, flags: Flags) => run(url, flags, ports));
}

/** What there is to tell, for programs and for people. */
interface Told {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function run(url: string, flags: Flags, ports: Ports): Promise<void> {
  const request = describedRequest(url, flags);
  const count = flags.count === undefined ? undefined : countOf(flags.count);
  const snapshot = await snapshotOfFile(rulesFileName(flags.rules, ports), ports);
  const assignPorts = assignPortsOf(flags.keys ?? ports.env[settingList.keysFile.variable]);
  const { facts, refused } = factsOf(request, snapshot.fieldNames);
  const told =
    facts === undefined
      ? { json: { refused }, text: refusedText(refused) }
      : explained(snapshot, facts, assignPorts, count);
  const json = { document: snapshot.hash, ...told.json };
  ports.terminal.out(flags.output === 'json' ? jsonText(json) : told.text);
}

function explained(
  snapshot: Snapshot,
  facts: Facts,
  ports: AssignPorts,
  count: number | undefined,
): Told {
  const route = snapshot.find(facts);
  if (count !== undefined && route !== undefined) {
    const drawn = distribution(route, facts, ports, count);
    return { json: { ...drawn }, text: distributionText(drawn) };
  }
  const tried = explainMatch(snapshot, facts);
  const explanation = route && explain(route, facts, ports);
  const version = route?.versions.find(({ name }) => name === explanation?.version);
  const endpoints = version?.endpoints.map(({ key }) => key);
  const routes = snapshot.routes.length;
  const served = { endpoints, service: version?.service };
  return {
    json: { tried, explained: explanation, ...served },
    text: explanationText({ tried, routes, route, explained: explanation, ...served }),
  };
}

function refusedText({ status, code, message }: RefusedRequest): string {
  return `refused   ${status} ${code}: ${message}\n`;
}

function countOf(text: string): number {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw new Trouble(
    exitCodes.wrongUse,
    `--count must be a whole number from 1 to 9999999, got "${text}"`,
  );
}

function assignPortsOf(keysFile: string | undefined): AssignPorts {
  const keys = keysFile ? readKeys(keysFile) : new Map<string, Buffer>();
  const [signing] = keys.keys();
  return {
    random: Math.random,
    epochMs: Date.now,
    newUnit: () => randomBytes(16).toString('hex'),
    mac: macBy(keys),
    ...(signing === undefined ? {} : { stickyKeyId: signing }),
  };
}
