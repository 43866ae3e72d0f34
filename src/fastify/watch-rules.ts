import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

export interface WatchPorts {
  /** Looks at the file; the next look waits for it. */
  readonly look: () => Promise<void>;
  readonly warn: (message: string) => void;
}

const quietMs = 75;
const pollMs = 2_000;

/**
 * Calls `look` whenever the file may have changed, until the returned function is called.
 *
 * Events of the directory are only hints: a watch on the file itself hears nothing after its
 * first replacement, and Kubernetes replaces a mounted ConfigMap by moving a link. A poll
 * makes up for events that are lost. Nothing here keeps the process alive.
 */
export function watchRules(path: string, { look, warn }: WatchPorts): () => void {
  let watcher: FSWatcher | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const looksNow = () => {
    running = running.then(look).catch((error: unknown) => warn(`${path}: ${String(error)}`));
  };
  const heard = () => {
    clearTimeout(quiet);
    quiet = setTimeout(looksNow, quietMs).unref();
  };
  try {
    watcher = watch(dirname(path), { persistent: false }, heard);
    watcher.on('error', () => watcher?.close());
  } catch (error) {
    warn(`changes of ${path} are only seen every ${pollMs} ms: ${String(error)}`);
  }
  const poll = setInterval(looksNow, pollMs).unref();
  return () => {
    clearTimeout(quiet);
    clearInterval(poll);
    watcher?.close();
  };
}
