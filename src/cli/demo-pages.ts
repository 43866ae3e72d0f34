import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Snapshot } from '#core/snapshot/snapshot';
import { type Address, addressText } from './address.ts';
import { listenTrouble } from './listen-trouble.ts';
import type { Ports } from './ports.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** A testpage the demo runs for a version. */
export interface DemoPage extends Address {
  readonly version: string;
  /** How it behaves: variables of a testpage; see `turnout testpage --help`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** More versions than anybody tries on a laptop; each is a process. */
const maxPages = 20;

/** Returns a page for every http endpoint on a loopback address, in document order. */
export function pagesOf({ routes }: Snapshot): readonly DemoPage[] {
  const pages = new Map<string, DemoPage>();
  for (const { versions } of routes) {
    for (const { name, endpoints } of versions) {
      for (const { protocol, host, port } of endpoints) {
        const page = { host, port, version: name };
        if (protocol === 'http' && isLoopback(host) && !pages.has(addressText(page)))
          pages.set(addressText(page), page);
      }
    }
  }
  return [...pages.values()].slice(0, maxPages);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

/** The testpages of a demo: processes of their own, so that one can die like a pod does. */
export class Pages {
  readonly #children = new Map<string, ChildProcess>();
  readonly #ports: Ports;
  /** Pages whose end is no news. */
  readonly #expected = new Set<string>();
  #isStopping = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Starts the pages that do not run yet; resolves when they listen. */
  async start(pages: readonly DemoPage[], file: string): Promise<readonly DemoPage[]> {
    const fresh = pages.filter((page) => !this.#children.has(addressText(page)));
    await Promise.all(fresh.map((page) => this.#startOne(page, file)));
    return fresh;
  }

  /** Ends all of them; resolves when no process is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#children.values()].map(ended));
  }

  /** Ends one as a pod is ended: it finishes what is begun. Resolves when it is gone. */
  async stopOne(page: Address): Promise<void> {
    const place = addressText(page);
    const child = this.#children.get(place);
    this.#expected.add(place);
    if (child !== undefined) await ended(child);
    this.#children.delete(place);
  }

  async #startOne(page: DemoPage, file: string): Promise<void> {
    await checkFree(page, file);
    const [program = '', ...words] = this.#ports.self;
    const { host, port, version, env = {} } = page;
    const place = { HOST: host, PORT: String(port), VERSION: version, POD_IP: '' };
    this.#expected.delete(addressText(page));
    const child = spawn(program, [...words, 'testpage'], {
      env: { ...this.#ports.env, ...env, ...place },
      // The channel is how it notices that we are gone, whatever ended us.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#children.set(addressText(page), child);
    await listening(child, page);
    child.once('exit', () => this.#ended(page));
  }

  #ended(page: DemoPage): void {
    this.#children.delete(addressText(page));
    if (this.#isStopping || this.#expected.has(addressText(page))) return;
    this.#ports.terminal.err(`${page.version} at ${addressText(page)} has ended\n`);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function checkFree(page: DemoPage, file: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(page.port, page.host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  } catch (error) {
    throw listenTrouble(page, error, `in the url of ${page.version} in ${file}`);
  }
}

/** Resolves when a page says that it listens; throws what it said where it ended instead. */
function listening(child: ChildProcess, page: DemoPage): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('listens on')) resolve();
  });
  child.once('error', reject);
  child.once('close', () => {
    const why = said.trim() || `its process ended with code ${child.exitCode}`;
    const place = `${page.version} at ${addressText(page)}`;
    reject(new Trouble(exitCodes.badState, `${place} did not start: ${why}`));
  });
  return promise;
}
