/** A second signal this soon is the first one again: npm passes on what the terminal has sent. */
const echoMs = 500;

/**
 * Takes SIGTERM and SIGINT from now on, and returns what commands wait for with.
 *
 * Before a command waits, a signal ends the process at once. While it waits, the first one
 * resolves the promise and a second one, half a second later or more, ends the process. A
 * parent that started us with a channel and is gone counts as a signal, so that nobody
 * stays behind.
 */
export function takeSignals(
  events: NodeJS.EventEmitter,
  end: () => void,
  nowMs: () => number,
): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let awaited = false;
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const isSecond = firstAt !== undefined && nowMs() - firstAt >= echoMs;
    if (!awaited || isSecond) {
      end();
      return;
    }
    firstAt ??= nowMs();
    resolve();
  };
  for (const name of ['SIGTERM', 'SIGINT', 'disconnect']) events.on(name, onSignal);
  return () => {
    awaited = true;
    return promise;
  };
}
