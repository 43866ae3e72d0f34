import { join } from 'node:path';
import { origins } from './field.ts';
import type { Report, Task, TaskResult } from './generator.ts';
import { cores, listening, startOn, stop } from './process.ts';

/** A process on the load core that asks proxies, and is their origins. */
export interface Generator {
  run(task: Task, onTenth?: () => Promise<void>): Promise<TaskResult>;
  stop(): Promise<void>;
}

export async function startGenerator(size: number): Promise<Generator> {
  const program = join(import.meta.dirname, 'generator.ts');
  const args = [program, String(origins.v1), String(origins.v2), String(size)];
  const child = startOn(cores.load, process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await listening(origins.v2);
  return {
    stop: () => stop(child),
    run: (task, onTenth) =>
      new Promise((resolve, reject) => {
        const tenths: Promise<void>[] = [];
        const ended = () => reject(new Error('the generator ended'));
        const hear = (report: Report) => {
          if (report.kind === 'tenth') {
            if (onTenth !== undefined) tenths.push(onTenth());
            return;
          }
          child.off('message', hear);
          child.off('exit', ended);
          Promise.all(tenths).then(() => resolve(report.result), reject);
        };
        child.on('message', hear);
        child.once('exit', ended);
        child.send(task);
      }),
  };
}
