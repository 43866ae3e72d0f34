import { parseArgs } from 'node:util';
import { campaign, type Fault, type Figures } from './campaign.ts';
import { isInstalled, type ReaderName, readerNames, startReader } from './readers.ts';

const help = `npm run fuzz -- [options]

Makes streams of requests, right ones, hostile ones and changed ones, and checks of each that Turnout
refuses it, or that what it forwards is read as the same requests by a strict grammar and by Node's own
parser; and responses of versions likewise.

  --count <number>     requests to make (default 1000000)
  --seed <number>      the same seed makes the same streams (default: by chance)
  --sockets <number>   one in so many goes through a real proxy on real sockets too (default 50; 0: none)
  --readers <names>    nginx,haproxy: what is forwarded goes to them too, and they must read the same or
                       refuse it. On Debian: apt-get install nginx-light haproxy
  --help               this text

Ends with 1 if anything was found; it is printed as short as it can be made.
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
    sockets: { type: 'string', default: '50' },
    readers: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await run();

async function run(): Promise<void> {
  const seed = numberOf('seed');
  const readers = await Promise.all(readersOf(values.readers).map(startReader));
  print(`seed ${seed}, ${values.count} requests`);
  const figures = await campaign({
    seed,
    count: numberOf('count'),
    onSocketsOneIn: numberOf('sockets'),
    readers,
    onProgress: ({ requests, elapsedMs, faults }) =>
      print(`${requests} requests, ${perSecond(requests, elapsedMs)}, ${faults.length} found`),
  });
  for (const reader of readers) await reader.close();
  print(told(figures));
  for (const fault of figures.faults) print(toldFault(fault, seed));
  process.exitCode = figures.faults.length === 0 ? 0 : 1;
}

function numberOf(name: 'count' | 'seed' | 'sockets'): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`--${name} must be a whole number`);
  return value;
}

function readersOf(text: string): ReaderName[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const known = readerNames.find((reader) => reader === name);
      if (known === undefined)
        throw new RangeError(`--readers must be of ${readerNames.join(', ')}`);
      if (!isInstalled(known)) throw new Error(`${known} is not installed: see --help`);
      return known;
    });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function perSecond(count: number, ms: number): string {
  return `${Math.round((count * 1_000) / ms)} a second`;
}

function told(figures: Figures): string {
  const { requests, streams, responses, forwarded, elapsedMs, slowestMs, onSockets, readByNode } =
    figures;
  return [
    `${requests} requests in ${streams} streams and ${responses} responses, ${perSecond(requests, elapsedMs)}`,
    `forwarded ${forwarded} requests, read by Node in ${readByNode} streams; ${onSockets} went through sockets`,
    `slowest ${slowestMs.toFixed(2)} ms`,
    `refused ${listed(figures.refused)}`,
    `responses ${listed(figures.ends)}`,
    ...(figures.readBy.size === 0 ? [] : [`readers ${listed(figures.readBy)}`]),
  ].join('\n');
}

function listed(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const sum = sorted.reduce((all, [, count]) => all + count, 0);
  return `${sum}: ${sorted.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}

function toldFault({ number, by, sample, what }: Fault, seed: number): string {
  const { text, cuts, method } = sample;
  return `\nfound by ${by} in stream ${number} of seed ${seed}, ${method}, cut at ${cuts.join() || 'no place'}:
  ${JSON.stringify(text)}
  ${what}`;
}
