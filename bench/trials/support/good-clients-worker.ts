// The thread of GoodClients: one open loop of GETs.
import { parentPort, workerData } from 'node:worker_threads';
import type { GoodOptions } from './good-clients.ts';
import { OpenLoop, unlessWhole } from './open-loop.ts';

// Given by GoodClients, and nobody else.
const { port, perSecond, connections, target, bytes } = workerData as GoodOptions;
const request = `GET ${target} HTTP/1.1\r\nHost: trial\r\n\r\n`;
const load = new OpenLoop({
  port,
  perSecond,
  connections,
  requestAt: () => request,
  wrong: unlessWhole(bytes),
});

parentPort?.on('message', async (what: 'lap' | 'stop') => {
  parentPort?.postMessage(what === 'lap' ? load.lap() : await load.stop());
  if (what === 'stop') parentPort?.close();
});
