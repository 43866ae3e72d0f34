// What becomes of an exchange when either side goes wrong, at any point of it?
//
// Each case says what the client must get, and by when. Afterwards the process must be alive,
// without a caught bug, and nothing may be left open.
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { blackHole } from './support/black-hole.ts';
import { type ClientFault, clientFaults, clientLimits } from './support/client-faults.ts';
import { Connection, type Result } from './support/connection.ts';
import { freePort } from './support/free-port.ts';
import { MessageReader } from './support/message-reader.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import {
  type Expected,
  limits,
  startFault,
  type UpstreamFault,
  upstreamFaults,
} from './support/upstream-faults.ts';

const lanes = 32;
const bodyBytes = 300_000;
const hugeBytes = 16_000_000;
const downloadBytes = 16_000_000;
const requestKinds = ['GET', 'POST', 'chunked POST'] as const;
type RequestKind = (typeof requestKinds)[number];

/** One thing to try: what happened, and whether that is right. */
interface Case {
  readonly name: string;
  readonly tryIt: (port: number) => Promise<Result>;
  readonly expected: Expected;
  /** Silence of the client's own, which does not count. */
  readonly pausesMs: number;
}

const huge = Buffer.alloc(hugeBytes, 'x');

function requestOf(path: string, kind: RequestKind, isHuge: boolean): Buffer {
  const head = (method: string, lines: string) =>
    Buffer.from(`${method} /${path} HTTP/1.1\r\nHost: trial\r\n${lines}\r\n`, 'latin1');
  const body = huge.subarray(0, isHuge ? hugeBytes : bodyBytes);
  if (kind === 'GET') return head('GET', '');
  if (kind === 'POST') {
    return Buffer.concat([head('POST', `Content-Length: ${body.length}\r\n`), body]);
  }
  const size = Buffer.from(`${body.length.toString(16)}\r\n`, 'latin1');
  const last = Buffer.from('\r\n0\r\n\r\n', 'latin1');
  return Buffer.concat([head('POST', 'Transfer-Encoding: chunked\r\n'), size, body, last]);
}

function upstreamCase(name: string, fault: UpstreamFault, kind: RequestKind): Case {
  const request = requestOf(name, kind, fault.isHuge ?? false);
  const isIdle = fault.phase === 'idle';
  return {
    name: `${name}, ${kind}`,
    expected: fault.expected,
    pausesMs: isIdle ? 100 : 0,
    tryIt: async (port) => {
      const connection = new Connection(port);
      let result = await connection.exchange(request);
      if (isIdle) {
        // By then the pooled connection has gone wrong.
        await wait(100);
        if (connection.isUsable) result = await connection.exchange(request);
      }
      connection.close();
      return result;
    },
  };
}

function clientCase(fault: ClientFault): Case {
  const isDownload = fault.afterBytes !== undefined;
  return {
    name: `client-${fault.name}`,
    expected: {
      statuses: fault.statuses,
      isBroken: isDownload,
      ...(fault.afterMs === undefined ? {} : { afterMs: fault.afterMs }),
    },
    pausesMs: 50,
    tryIt: async (port) => {
      const connection = new Connection(port);
      let read = 0;
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      const result = connection.answer({
        onBody: (bytes) => {
          read += bytes.length;
          if (read >= (fault.afterBytes ?? 0)) resolve();
        },
      });
      connection.socket.write(fault.before, 'latin1');
      await (isDownload ? Promise.race([reached, result]) : wait(50));
      fault.act(connection.socket);
      const seen = await result;
      connection.close();
      return seen;
    },
  };
}

/** Returns what is wrong with what a case came to, or undefined. */
function wrong(each: Case, result: Result, tookMs: number, graceMs: number): string | undefined {
  const { statuses, isBroken = false, afterMs = 0 } = each.expected;
  const got = result.kind === 'broken' ? `${result.status} ${result.reason}` : `${result.status}`;
  const tookTooLong = tookMs - each.pausesMs > afterMs + graceMs;
  const isEnd = statuses.includes(0) && result.kind === 'broken' && result.status === 0;
  // A reset may erase what was received before it is read, the head included.
  const isBrokenOff = result.kind === 'broken' && [0, ...statuses].includes(result.status);
  const isRight = isBroken
    ? isBrokenOff
    : isEnd || (result.kind === 'answer' && statuses.includes(result.status));
  if (isRight && !tookTooLong) return undefined;
  return `${each.name}: ${got} after ${Math.round(tookMs)} ms, not ${statuses.join(' or ')}${
    isBroken ? ' broken off' : ''
  } within ${afterMs + graceMs} ms`;
}

/** Answers `/ok` when it has read the request, and `/download` with more than a client reads. */
async function startGoodOrigin(run: Run): Promise<number> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const reader = new MessageReader();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      reader.read(chunk);
      if (!reader.isWhole) return;
      const bytes = reader.startLine.includes('/download') ? downloadBytes : 2;
      reader.next();
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`, 'latin1');
      socket.write(huge.subarray(0, bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  run.after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

interface Grid {
  readonly rules: string;
  readonly cases: readonly Case[];
}

async function gridOf(run: Run): Promise<Grid> {
  const routes: string[] = [];
  const cases: Case[] = [];
  const route = (name: string, port: number) => {
    routes.push(
      `  - { name: ${name}, match: { path: /${name} }, versions: { v1: { url: "http://127.0.0.1:${port}" } } }`,
    );
  };
  const add = (name: string, port: number, fault: UpstreamFault) => {
    route(name, port);
    for (const kind of requestKinds) {
      if (kind === 'GET' && fault.phase === 'request-body') continue;
      cases.push(upstreamCase(name, fault, kind));
    }
  };
  const nothing = () => {};
  const refused = { statuses: [502] };
  const dropped = { statuses: [504], afterMs: limits.connectMs };
  const phase = 'connect';
  add('refused', await freePort(), { phase, name: 'refused', act: nothing, expected: refused });
  const hole = await blackHole(run.after);
  add('dropped', hole, { phase, name: 'dropped', act: nothing, expected: dropped });
  for (const fault of upstreamFaults) {
    if (fault.phase !== 'idle') {
      add(`${fault.phase}-${fault.name}`, await startFault(fault, run.after), fault);
      continue;
    }
    // Each kind by itself: a POST that takes the connection of another case may cross its end.
    for (const kind of requestKinds) {
      const name = `idle-${fault.name}-${kind.replace(' ', '-')}`;
      route(name, await startFault(fault, run.after));
      cases.push(upstreamCase(name, fault, kind));
    }
  }
  const good = await startGoodOrigin(run);
  route('ok', good);
  route('download', good);
  cases.push(...clientFaults.map(clientCase));
  const { connectMs, firstByteMs, idleMs } = limits;
  const rules = `apiVersion: turnout/v1
defaults:
  timeouts: { connect: ${connectMs}ms, firstByte: ${firstByteMs}ms, idle: ${idleMs}ms }
routes:
${routes.join('\n')}
`;
  return { rules, cases };
}

await trial('fault-grid', 'what becomes of an exchange when a side goes wrong?', async (run) => {
  const rounds = run.pick(20, 2);
  const graceMs = run.pick(1_000, 4_000);
  const { rules, cases } = await gridOf(run);
  const { headMs, bodyMs, idleMs } = clientLimits;
  const flags = ['--head-timeout', `${headMs}ms`, '--body-timeout', `${bodyMs}ms`];
  const turnout = await Turnout.start(run, {
    rules,
    flags: [...flags, '--keep-alive', `${idleMs}ms`],
  });
  // All cases of one round, then the next, so that unlike ones meet.
  const left = Array.from({ length: rounds }, () => cases).flat();
  const total = left.length;
  const troubles: string[] = [];
  let slowestMs = 0;
  const lane = async () => {
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      const startedAt = performance.now();
      const result = await each.tryIt(turnout.port);
      const tookMs = performance.now() - startedAt;
      slowestMs = Math.max(slowestMs, tookMs - each.pausesMs - (each.expected.afterMs ?? 0));
      const trouble = wrong(each, result, tookMs, graceMs);
      if (trouble !== undefined) troubles.push(trouble);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const trouble of troubles.slice(0, 20)) run.note(trouble);
  run.did(`${cases.length} cases × ${rounds}: ${total} exchanges that went wrong`);
  run.atMost('cases that ended otherwise, or late', troubles.length, 0);
  run.note(`the slowest ended ${Math.round(slowestMs)} ms after its time limit`);
  await turnout.checkAtRest(run);
});
