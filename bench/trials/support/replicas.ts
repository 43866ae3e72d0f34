import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../../../test/support/api-server.ts';
import { killChild } from './children.ts';
import { freePort } from './free-port.ts';
import { OpenLoop } from './open-loop.ts';
import type { Run } from './trial.ts';
import { Turnout } from './turnout.ts';

/** Users by whose ids the traffic is split. */
export const users = 20_000;
const perReplica = 70;
const token = 'Tk3n-of-the-replicas-0123456789abcdef';

/** Three replicas that keep their state in an API server, with traffic on each of them. */
export class Replicas {
  readonly #run: Run;
  readonly #rules: string;
  readonly #flags: readonly (readonly string[])[];
  readonly #ports: readonly number[];
  readonly #running: (Turnout | undefined)[] = [undefined, undefined, undefined];
  readonly #loads: (OpenLoop | undefined)[] = [undefined, undefined, undefined];

  private constructor(
    run: Run,
    rules: string,
    ports: readonly number[],
    flags: readonly (readonly string[])[],
  ) {
    this.#run = run;
    this.#rules = rules;
    this.#ports = ports;
    this.#flags = flags;
  }

  static async start(run: Run, server: ApiServer, rules: string): Promise<Replicas> {
    const folder = mkdtempSync(join(tmpdir(), 'turnout-trial-'));
    run.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'tokens'), `${token}\n`);
    writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
    process.env.KUBECONFIG = join(folder, 'kubeconfig');
    const ports = [await freePort(), await freePort(), await freePort()];
    const admin = [await freePort(), await freePort(), await freePort()];
    const peers = admin.map((port) => `127.0.0.1:${port}`).join(',');
    const flags = ports.map((port, index) => [
      ...['--listen', `127.0.0.1:${port}`, '--admin', `127.0.0.1:${admin[index]}`],
      ...['--state', 'configmap:shop/turnout', '--lease-duration', '2s'],
      ...['--peers', peers, '--admin-token-file', join(folder, 'tokens')],
      ...['--replica', `turnout-${index}`, '--revision-history', '1000'],
    ]);
    const replicas = new Replicas(run, rules, ports, flags);
    await Promise.all([0, 1, 2].map((index) => replicas.restart(index)));
    return replicas;
  }

  async kill(index: number): Promise<void> {
    this.#loads[index]?.abandon();
    const turnout = this.#running[index];
    if (turnout !== undefined) await killChild(turnout.child);
  }

  async restart(index: number): Promise<void> {
    const flags = this.#flags[index] ?? [];
    this.#running[index] = await Turnout.start(this.#run, { rules: this.#rules, flags });
    this.#loads[index] = new OpenLoop({
      port: this.#ports[index] ?? 0,
      perSecond: perReplica,
      connections: 16,
      requestAt: () => {
        const user = Math.floor(Math.random() * users);
        return `GET /?bytes=10 HTTP/1.1\r\nHost: trial\r\nx-user-id: u${user}\r\n\r\n`;
      },
      wrong: () => undefined,
    });
  }

  /** Sends nothing more. */
  quiet(): void {
    for (const load of this.#loads) load?.abandon();
  }

  async end(): Promise<void> {
    for (const turnout of this.#running) if (turnout !== undefined) await killChild(turnout.child);
  }
}
