import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { residentMebibytes } from '../../load/process.ts';
import { killChild, startChild } from './children.ts';
import { Samples } from './samples.ts';
import type { Run } from './trial.ts';
import { until } from './until.ts';

export interface TurnoutOptions {
  /** The first document. */
  readonly rules: string;
  /** Where somebody else keeps them, and has written them; else they are written to a folder of its own. */
  readonly rulesFile?: string;
  /** Flags beside those of the addresses. */
  readonly flags?: readonly string[];
}

const root = join(import.meta.dirname, '../../..');
const startWithinMs = 60_000;

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The program itself, started by its command line in a process of its own. */
export class Turnout {
  readonly child: ChildProcess;
  /** What it wrote to standard error, the latest of it. */
  log = '';
  port = 0;
  /** Of the port that `--tls-listen` opens; 0 without. */
  tlsPort = 0;
  adminPort = 0;
  readonly ended: Promise<End>;
  end: End | undefined;
  readonly #rulesFile: string;

  private constructor(program: string, rulesFile: string, flags: readonly string[]) {
    this.#rulesFile = rulesFile;
    const addresses = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
    const args = ['run', '--rules', rulesFile, ...addresses, '--log-level', 'warn', ...flags];
    this.child = startChild([resolve(root, program), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.log = `${this.log}${chunk}`.slice(-8_192);
    });
    this.ended = new Promise((ended) => {
      this.child.once('exit', (code, signal) => {
        this.end = { code, signal };
        ended(this.end);
      });
    });
  }

  /** Starts it, and ends it with the trial. */
  static async start(run: Run, options: TurnoutOptions): Promise<Turnout> {
    const { rules, flags = [] } = options;
    const folder = mkdtempSync(join(tmpdir(), 'turnout-trial-'));
    const { rulesFile = join(folder, 'routes.yaml') } = options;
    if (options.rulesFile === undefined) writeFileSync(rulesFile, rules);
    const turnout = new Turnout(run.program, rulesFile, flags);
    run.after(async () => {
      await killChild(turnout.child);
      rmSync(folder, { recursive: true });
    });
    const serves = () => turnout.#readAddresses() || turnout.end !== undefined;
    if (!(await until(serves, startWithinMs)) || turnout.end !== undefined) {
      throw new Error(`turnout did not start: ${turnout.log}`);
    }
    return turnout;
  }

  #readAddresses(): boolean {
    const port = (what: string) =>
      Number(new RegExp(`^ +${what}://127\\.0\\.0\\.1:(\\d+)`, 'm').exec(this.log)?.[1] ?? 0);
    this.port = port('traffic +http');
    this.tlsPort = port('traffic +https');
    this.adminPort = port('admin +http');
    return this.port > 0 && this.adminPort > 0;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Replaces the rules document in one step, as an editor or a volume does. */
  writeRules(text: string): void {
    writeFileSync(`${this.#rulesFile}.new`, text);
    renameSync(`${this.#rulesFile}.new`, this.#rulesFile);
  }

  async samples(): Promise<Samples> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}/metrics`);
    return new Samples(await response.text());
  }

  /** Resident memory in MiB, children included. */
  resident(): number {
    return residentMebibytes(this.pid);
  }

  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /**
   * Checks that nothing is left of what went through: waits until no request is in flight
   * and no connection open, and counts the throws that were caught on the way.
   */
  async checkAtRest(run: Run, withinMs = 15_000): Promise<void> {
    run.atLeast('process alive', this.end === undefined ? 1 : 0, 1);
    if (this.end !== undefined) return;
    let samples = await this.samples();
    await until(async () => {
      samples = await this.samples();
      return leftIn(samples) === 0;
    }, withinMs);
    run.atMost('requests and connections left behind', leftIn(samples), 0);
    run.atMost('bugs caught', samples.sum('turnout_bugs_total'), 0);
    if (samples.sum('turnout_bugs_total') > 0) run.note(this.log.slice(-2_000));
  }
}

function leftIn(samples: Samples): number {
  const gauges = ['turnout_connections', 'turnout_in_flight_requests', 'turnout_held_requests'];
  // A gauge below zero is as wrong as one above.
  return gauges.reduce((sum, name) => sum + samples.sumOfSizes(name), 0);
}
