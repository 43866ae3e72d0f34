import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const living = new Set<ChildProcess>();

// A trial that ends, however it does, leaves nothing running.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => process.exit(130));
}

/** Starts a process that does not outlive this one. */
export function startChild(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  living.add(child);
  child.once('exit', () => living.delete(child));
  return child;
}

/** Ends a process at once, and waits until it is gone. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
