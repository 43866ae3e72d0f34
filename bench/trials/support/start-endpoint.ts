import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { killChild, startChild } from './children.ts';
import { freePort } from './free-port.ts';

/** An endpoint in a process of its own. */
export class Endpoint {
  readonly port: number;
  readonly name: string;
  /** Share of its answers that are a 500. */
  readonly errors: number;
  #child: ChildProcess | undefined;

  private constructor(port: number, name: string, errors: number) {
    this.port = port;
    this.name = name;
    this.errors = errors;
  }

  static async start(name: string, errors = 0): Promise<Endpoint> {
    const endpoint = new Endpoint(await freePort(), name, errors);
    await endpoint.restart();
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the port it had. */
  async restart(): Promise<void> {
    const script = join(import.meta.dirname, 'endpoint.ts');
    const child = startChild([script, String(this.port), this.name, String(this.errors)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`endpoint ${this.name} ended with ${code}`)));
    });
  }

  /** Returns how many requests it was sent, and when the last one came: milliseconds since 1970. */
  async told(): Promise<{ readonly requests: number; readonly lastAt: number }> {
    const response = await fetch(`${this.url}/told`);
    return (await response.json()) as { readonly requests: number; readonly lastAt: number };
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await killChild(this.#child);
  }
}
