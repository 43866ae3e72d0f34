import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { killChild, startChild } from './children.ts';
import { freePort } from './free-port.ts';

/** An endpoint in a process of its own. */
export class Endpoint {
  readonly port: number;
  readonly name: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, name: string) {
    this.port = port;
    this.name = name;
  }

  static async start(name: string): Promise<Endpoint> {
    const endpoint = new Endpoint(await freePort(), name);
    await endpoint.restart();
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the port it had. */
  async restart(): Promise<void> {
    const script = join(import.meta.dirname, 'endpoint.ts');
    const child = startChild([script, String(this.port), this.name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`endpoint ${this.name} ended with ${code}`)));
    });
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await killChild(this.#child);
  }
}
