import { join } from 'node:path';
import { cores, startOn } from './process.ts';

/** What wrk is to send for a while. */
export interface Load {
  readonly connections: number;
  readonly seconds: number;
  readonly port: number;
  readonly method?: 'GET' | 'POST';
  readonly bodyBytes?: number;
  /** A new connection for each request. */
  readonly closing?: boolean;
  /** Requests in turn, a line "HOST PATH" each. */
  readonly requestsFile?: string | undefined;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Of the answers, heads and bodies. */
  readonly bytes: number;
  /** Connections that broke, answers other than 2xx and 3xx, and two seconds without any. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

const script = join(import.meta.dirname, 'wrk.lua');

/** Runs wrk beside the origins: each connection sends when its last answer has come. */
export async function load(what: Load): Promise<LoadResult> {
  const { connections, seconds, port, method = 'GET', bodyBytes = 0, requestsFile } = what;
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script];
  if (what.closing === true) options.push('-H', 'Connection: close');
  const forScript = [method, String(bodyBytes)];
  if (requestsFile !== undefined) forScript.push(requestsFile);
  const url = `http://127.0.0.1:${port}/`;
  const child = startOn(cores.load, 'wrk', [...options, url, '--', ...forScript], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const line = /^\{.*\}$/m.exec(text)?.[0];
  if (line === undefined) {
    throw new Error(`wrk failed (is it installed? apt-get install wrk): ${text}`);
  }
  // Printed by our own script.
  return JSON.parse(line) as LoadResult;
}
