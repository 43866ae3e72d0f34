import { parentPort } from 'node:worker_threads';
import { read } from '#core/document/read';
import type { ReadAnswer, ReadRequest } from './read-off-thread.ts';

/** The thread that reads documents, so that the traffic does not wait for a long one. */
parentPort?.on('message', ({ id, text }: ReadRequest) => {
  let answer: ReadAnswer;
  try {
    answer = { id, reading: read(text) };
  } catch (error) {
    answer = { id, bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort?.postMessage(answer);
});
