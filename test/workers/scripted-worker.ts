import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Follower } from '../../src/workers/follower.ts';
import { vitalsOf } from '../../src/workers/vitals.ts';

/** What a worker of these tests is to do; by default what a good one does. */
export interface Script {
  readonly place: number;
  /** It cannot listen. */
  readonly isDeaf?: boolean;
  /** It never says that it serves. */
  readonly isStuck?: boolean;
  /** Documents that it cannot compile, and those at which it hangs. */
  readonly refuses?: string;
  readonly hangsAt?: string;
  /** How long it takes to compile a document. */
  readonly compileMs?: number;
  /** From its start on it says nothing. */
  readonly isSilent?: boolean;
  /** Exchanges that it says it had to cut. */
  readonly cut?: number;
  /** What it says of its load; by default it has nothing to do. */
  readonly load?: { readonly busyShare: number; readonly connections: number };
}

let script: Script = { place: 0 };
let inForce = '';
let prepared = '';
let connections = 0;
let letGo = 0;
const server = net.createServer((socket) => {
  connections++;
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    // A client can make it find a bug in itself, or something that cannot wait.
    if (String(bytes) === 'bug') follower.faulty('it was told to be');
    else if (String(bytes) === 'urgent') follower.urgent();
    else socket.end(`${script.place} ${inForce} ${process.pid} ${letGo}`);
  });
});

const vitals = vitalsOf(() => 0);
const hang = (): never => {
  for (;;);
};

// What a real one does: its primary has the signals.
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => {});
const follower = new Follower<Script, number>(process, {
  start: async (work, { hash }) => {
    script = work;
    inForce = hash;
    if (script.isDeaf) throw Object.assign(new Error('nothing to hear'), { code: 'EADDRINUSE' });
    if (script.isStuck) await new Promise(() => {});
    server.listen({ fd: 4 });
    await once(server, 'listening');
    if (script.isSilent) setImmediate(() => setImmediate(hang));
  },
  files: () => {},
  prepare: async ({ hash }) => {
    if (script.hangsAt === hash) hang();
    if (script.compileMs !== undefined) await wait(script.compileMs);
    if (script.refuses === hash) throw new Error(`worker ${script.place} refuses ${hash}`);
    prepared = hash;
  },
  commit: () => {
    inForce = prepared;
  },
  counts: () => {
    const since = connections;
    connections = 0;
    return since;
  },
  urgentCounts: () => 1_000,
  versions: (route = 'all') => {
    // It may be asked a moment before it hangs.
    if (script.isSilent) hang();
    return [
      {
        route,
        version: 'v1',
        inFlight: script.place,
        waiting: 0,
        panicking: 0,
        processes: 1,
        reachable: 1,
        terminating: 0,
        trouble: '',
        endpoints: [],
      },
    ];
  },
  vitals: () => ({ ...vitals(), busyShare: 0, ...script.load }),
  letGo: (count) => {
    letGo += count;
  },
  drain: async ({ acceptUntil }) => {
    // It may be asked a moment before it hangs.
    if (script.isSilent) await new Promise(() => {});
    await acceptUntil;
    server.close();
    return { cut: script.cut ?? 0 };
  },
  orphanMs: () => 100,
  exit: (code) => process.exit(code),
});
