import { spawn } from 'node:child_process';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  readonly url: string;
  /** Lua script for wrk, for other requests than GET. */
  readonly script?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function milliseconds(text: string | undefined): number {
  const match = /([\d.]+)(us|ms|s)/.exec(text ?? '');
  const factor = { us: 0.001, ms: 1, s: 1_000 }[match?.[2] ?? ''] ?? Number.NaN;
  return Number(match?.[1]) * factor;
}

/** Runs wrk on a core. Throws if it is not installed or prints something else than results. */
export async function load(
  core: number,
  { connections, seconds, url, script }: Load,
): Promise<LoadResult> {
  const args = ['-c', String(core), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  if (script !== undefined) args.push('-s', script);
  const child = spawn('taskset', [...args, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  if (code !== 0 || Number.isNaN(requests)) {
    throw new Error(`wrk failed (is it installed? apt-get install wrk): ${text}`);
  }
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const broken = (sockets?.slice(1) ?? []).reduce((sum, each) => sum + Number(each), 0);
  const unexpected = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return {
    requests,
    failed: broken + unexpected,
    p50Ms: milliseconds(/^\s+50%\s+(\S+)/m.exec(text)?.[1]),
    p99Ms: milliseconds(/^\s+99%\s+(\S+)/m.exec(text)?.[1]),
  };
}
