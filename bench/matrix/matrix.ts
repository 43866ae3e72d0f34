// What do proxies do with requests that two readers may understand differently? Prints the matrix of
// the corpus (test/conformance/http1) for each: `npm run matrix`, with `-- --write` into the pages too.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MatrixRequest, matrix } from '../../test/conformance/http1/matrix.ts';
import type { Contender, Site } from '../load/contenders/contender.ts';
import { contenders } from '../load/contenders/list.ts';
import { cores, hasEnded, listening, startOn, stop } from '../load/process.ts';
import { ask, type Outcome } from './ask.ts';
import { harmless, isRefused, passes } from './judge.ts';
import { RecordingOrigin } from './recording-origin.ts';

const ports = { v1: 18_190, v2: 18_191, proxy: 18_200 };
const root = join(import.meta.dirname, '../..');

interface Row {
  readonly name: string;
  readonly refused: number;
  readonly letThrough: readonly string[];
  readonly lost: readonly string[];
  readonly harm: readonly string[];
  readonly deaths: readonly string[];
}

/** A contender that is started anew whenever a request has ended it. */
class Subject {
  readonly deaths: string[] = [];
  readonly #contender: Contender;
  readonly #site: Site;
  readonly #origin: RecordingOrigin;
  #child: ReturnType<typeof startOn> | undefined;

  constructor(contender: Contender, site: Site, origin: RecordingOrigin) {
    this.#contender = contender;
    this.#site = site;
    this.#origin = origin;
  }

  async ask({ name, text }: MatrixRequest): Promise<Outcome> {
    if (this.#child === undefined || hasEnded(this.#child)) await this.#start();
    const outcome = await ask(this.#site.port, text, this.#origin);
    if (this.#child !== undefined && hasEnded(this.#child)) this.deaths.push(name);
    return outcome;
  }

  async #start(): Promise<void> {
    const [command = '', ...args] = this.#contender.command(this.#site);
    this.#child = startOn(cores.proxy, command, args, { stdio: 'ignore' });
    await listening(this.#site.port);
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await stop(this.#child);
  }
}

async function rowOf(contender: Contender, number: number, origin: RecordingOrigin): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-matrix-'));
  const port = ports.proxy + 2 * number;
  const subject = new Subject(contender, { folder, port, adminPort: port + 1, ...ports }, origin);
  const failing = async (
    part: 'refuse' | 'pass' | 'harmless',
    isRight: (name: string, outcome: Outcome) => boolean,
  ) => {
    const names: string[] = [];
    for (const request of matrix(part)) {
      if (!isRight(request.name, await subject.ask(request))) names.push(request.name);
    }
    return names;
  };
  const letThrough = await failing('refuse', (_, outcome) => isRefused(outcome));
  const lost = await failing('pass', (name, outcome) => passes[name]?.(outcome) ?? false);
  const harm = await failing('harmless', (name, outcome) => harmless[name]?.(outcome) ?? false);
  await subject.stop();
  rmSync(folder, { recursive: true });
  const version = contender.version();
  const name = version === 'this' ? '**Turnout**' : `${contender.name} ${version}`;
  const refused = matrix('refuse').length - letThrough.length;
  return { name, refused, letThrough, lost, harm, deaths: subject.deaths };
}

function table(rows: readonly Row[]): string {
  const listed = (names: readonly string[]) => names.join('; ');
  const lines = rows.map(({ name, refused, letThrough, lost, harm, deaths }) => {
    const died = deaths.length === 0 ? '' : `; ends at: ${listed(deaths)}`;
    return `| ${name} | ${refused} | ${listed(letThrough)} | ${listed(lost)} | ${listed(harm)}${died} |`;
  });
  const [refuse, pass, harmful] = [matrix('refuse'), matrix('pass'), matrix('harmless')];
  return [
    `| | refused, of ${refuse.length} | lets through | loses or alters, of ${pass.length} | lets do harm, of ${harmful.length} |`,
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** The same in a sentence. */
function summary(rows: readonly Row[]): string {
  const each = rows.map(({ name, refused }) => `${refused} by ${name}`).join(', ');
  const all = matrix('refuse').length;
  const text = `Of ${all} requests that two readers may understand differently, refused are ${each}.`;
  return text.replace(/(.{1,119}\S)(?:\s+|$)/g, '$1\n').trimEnd();
}

/** Puts text between the marks of a page. */
function fill(page: string, text: string): void {
  const path = join(root, page);
  const marks = /(<!-- matrix:begin -->\n)[\s\S]*?(<!-- matrix:end -->)/;
  const before = readFileSync(path, 'utf8');
  if (!marks.test(before)) throw new Error(`${page} has no marks to write between`);
  writeFileSync(
    path,
    before.replace(marks, (_all, begin, end) => `${begin}${text}\n${end}`),
  );
}

const origin = new RecordingOrigin();
await origin.listen(ports.v1, ports.v2);
const rows: Row[] = [];
for (const [number, contender] of contenders.entries()) {
  if (contender.version() === undefined) {
    process.stderr.write(`${contender.name} is left out: ${contender.install}\n`);
    continue;
  }
  rows.push(await rowOf(contender, number, origin));
}
origin.close();
process.stdout.write(`${table(rows)}\n\n${summary(rows)}\n`);
if (process.argv.includes('--write')) {
  fill('docs/explanation/refusals.md', table(rows));
  fill('README.md', summary(rows));
}
// Connections that contenders have left open would keep the process.
process.exit();
