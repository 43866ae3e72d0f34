// What becomes of an exchange when either side goes wrong, at any point of it?
//
// Both sides with TLS and without.
// Each case says what the client must get, and by when. Afterwards the process must be alive,
// without a caught bug, and nothing may be left open.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { authority, certificate, expired } from '../../test/support/certificates.ts';
import { blackHole } from './support/black-hole.ts';
import {
  type ClientFault,
  clientFaults,
  clientLimits,
  handshakeFaults,
} from './support/client-faults.ts';
import { Connection, type Result } from './support/connection.ts';
import { freePort } from './support/free-port.ts';
import { MessageReader } from './support/message-reader.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import {
  type Expected,
  limits,
  type Shown,
  startFault,
  startTunnelFault,
  type TunnelFault,
  tunnelFaults,
  type UpstreamFault,
  upstreamFaults,
} from './support/upstream-faults.ts';
import { upgradeRequest } from './support/websocket.ts';

const lanes = 32;
const bodyBytes = 300_000;
const hugeBytes = 16_000_000;
const downloadBytes = 16_000_000;
const requestKinds = ['GET', 'POST', 'chunked POST', 'upgrade'] as const;
type RequestKind = (typeof requestKinds)[number];

type Ports = Pick<Turnout, 'port' | 'tlsPort'>;

/** One thing to try: what happened, and whether that is right. */
interface Case {
  readonly name: string;
  readonly tryIt: (ports: Ports) => Promise<Result>;
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
  if (kind === 'upgrade') return Buffer.from(upgradeRequest(`/${path}`), 'latin1');
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
    tryIt: async ({ port }) => {
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

function tunnelCase(fault: TunnelFault): Case {
  const name = `tunnel-${fault.name}`;
  return {
    name,
    expected: fault.expected,
    pausesMs: 50,
    tryIt: async ({ port }) => {
      const connection = new Connection(port);
      const result = await connection.exchange(upgradeRequest(`/${name}`));
      const how = result.status === 101 ? await connection.end(10_000) : '';
      connection.close();
      return how === '' ? result : { kind: 'broken', reason: how, status: 101 };
    },
  };
}

/** How a client comes: in plain HTTP, with TLS, or plainly to the port that speaks TLS. */
type Coming = 'plain' | 'tls' | 'handshake';

function clientCase(fault: ClientFault, coming: Coming): Case {
  const isDownload = fault.afterBytes !== undefined;
  return {
    name: `client-${coming}-${fault.name}`,
    expected: {
      statuses: fault.statuses,
      ...(isDownload ? { isBroken: true } : {}),
      ...(fault.afterMs === undefined ? {} : { afterMs: fault.afterMs }),
    },
    pausesMs: 50,
    tryIt: async ({ port, tlsPort }) => {
      const isSecure = coming === 'tls';
      const connection = new Connection(coming === 'plain' ? port : tlsPort, { isSecure });
      if (isSecure) await once(connection.socket, 'secureConnect');
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
      fault.act(connection.socket, connection.raw);
      const seen = await result;
      connection.close();
      return seen;
    },
  };
}

function isAsExpected({ statuses, isBroken, ends }: Expected, result: Result): boolean {
  const isListed = statuses.includes(result.status);
  if (result.kind === 'answer') return isListed && isBroken === undefined && ends === undefined;
  if (ends !== undefined) return isListed && result.reason === ends;
  // A reset may erase what was received before it is read, the head included.
  return isBroken ? isListed || result.status === 0 : statuses.includes(0) && result.status === 0;
}

/** Returns what is wrong with what a case came to, or undefined. */
function wrong(each: Case, result: Result, tookMs: number, graceMs: number): string | undefined {
  const { statuses, afterMs = 0, isBroken, ends } = each.expected;
  const isInTime = tookMs - each.pausesMs <= afterMs + graceMs;
  if (isInTime && isAsExpected(each.expected, result)) return undefined;
  const got = result.kind === 'broken' ? `${result.status} ${result.reason}` : `${result.status}`;
  const how = isBroken ? ' broken off' : (ends ?? '');
  const within = `within ${afterMs + graceMs} ms`;
  return `${each.name}: ${got} after ${Math.round(tookMs)} ms, not ${statuses.join(' or ')} ${how} ${within}`;
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

const nothing = () => {};

/** Routes and cases, as they are added. */
class Grid {
  readonly cases: Case[] = [];
  readonly #routes: string[] = [];
  readonly #run: Run;
  readonly #files: Files;

  constructor(run: Run, files: Files) {
    this.#run = run;
    this.#files = files;
  }

  get rules(): string {
    const { connectMs, firstByteMs, idleMs } = limits;
    return `apiVersion: turnout/v1
defaults:
  timeouts: { connect: ${connectMs}ms, firstByte: ${firstByteMs}ms, idle: ${idleMs}ms }
  tls: { ca: ${this.#files.authority}, serverName: trial.test }
routes:
${this.#routes.join('\n')}
`;
  }

  route(name: string, port: number, scheme = 'http'): void {
    const url = `${scheme}://127.0.0.1:${port}`;
    this.#routes.push(
      `  - { name: ${name}, match: { path: /${name} }, versions: { v1: { url: "${url}" } } }`,
    );
  }

  /** Adds an origin that does one thing wrong, to each kind of request. */
  async addFault(fault: UpstreamFault, shown?: Shown): Promise<void> {
    const scheme = shown === undefined ? 'http' : 'https';
    const name = `${scheme}-${fault.phase}-${fault.name}`;
    const hasBody = (kind: RequestKind) => kind !== 'GET' && kind !== 'upgrade';
    const kinds = requestKinds.filter((kind) => hasBody(kind) || fault.phase !== 'request-body');
    if (fault.phase !== 'idle') {
      this.add(name, await startFault(fault, this.#run.after, shown), fault, kinds, scheme);
      return;
    }
    // Each kind by itself: a POST that takes the connection of another case may cross its end.
    for (const kind of kinds) {
      // An answer to a request for a WebSocket ends the connection.
      if (kind === 'upgrade') continue;
      const port = await startFault(fault, this.#run.after, shown);
      this.add(`${name}-${kind.replace(' ', '-')}`, port, fault, [kind], scheme);
    }
  }

  add(
    name: string,
    port: number,
    fault: UpstreamFault,
    kinds: readonly RequestKind[],
    scheme: 'http' | 'https',
  ): void {
    this.route(name, port, scheme);
    this.cases.push(...kinds.map((kind) => upstreamCase(name, fault, kind)));
  }
}

/** Certificates, and the files of those that the program is to read. */
interface Files {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
  readonly good: Shown;
  /** Certificates that must not be believed. */
  readonly bad: Readonly<Record<string, Shown>>;
}

function writeCertificates(run: Run): Files {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-trial-'));
  run.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const issuer = authority();
  const good = certificate({ names: ['trial.test'], issuer });
  return {
    authority: write('ca.crt', issuer.cert),
    cert: write('tls.crt', good.cert),
    key: write('tls.key', good.key),
    good,
    bad: {
      'wrong-authority': certificate({ names: ['trial.test'], issuer: authority('Another') }),
      'wrong-name': certificate({ names: ['another.test'], issuer }),
      expired: certificate({ names: ['trial.test'], issuer, ...expired }),
    },
  };
}

/** In TLS an endpoint that says nothing has not been connected to yet. */
function inTls(fault: UpstreamFault): UpstreamFault {
  const isSilence = fault.phase === 'connect' && fault.name === 'silence';
  return isSilence ? { ...fault, expected: { statuses: [504], afterMs: limits.connectMs } } : fault;
}

async function gridOf(run: Run, files: Files): Promise<Grid> {
  const grid = new Grid(run, files);
  const phase = 'connect';
  const refused = { statuses: [502] };
  const dropped = { statuses: [504], afterMs: limits.connectMs };
  const noPort = { phase, name: 'refused', act: nothing, expected: refused } as const;
  const hole = { phase, name: 'dropped', act: nothing, expected: dropped } as const;
  grid.add('refused', await freePort(), noPort, requestKinds, 'http');
  grid.add('dropped', await blackHole(run.after), hole, requestKinds, 'http');
  for (const fault of upstreamFaults) {
    await grid.addFault(fault);
    await grid.addFault(inTls(fault), files.good);
  }
  for (const [name, shown] of Object.entries(files.bad)) {
    const fault = { phase: 'request-head', name, act: nothing, expected: refused } as const;
    await grid.addFault(fault, shown);
  }
  for (const fault of tunnelFaults) {
    grid.route(`tunnel-${fault.name}`, await startTunnelFault(fault, run.after));
    grid.cases.push(tunnelCase(fault));
  }
  const good = await startGoodOrigin(run);
  grid.route('ok', good);
  grid.route('download', good);
  for (const coming of ['plain', 'tls'] as const) {
    grid.cases.push(...clientFaults.map((fault) => clientCase(fault, coming)));
  }
  grid.cases.push(...handshakeFaults.map((fault) => clientCase(fault, 'handshake')));
  return grid;
}

await trial('fault-grid', 'what becomes of an exchange when a side goes wrong?', async (run) => {
  const rounds = run.pick(20, 2);
  const graceMs = run.pick(1_000, 4_000);
  const files = writeCertificates(run);
  const { rules, cases } = await gridOf(run, files);
  const { headMs, bodyMs, writeMs, idleMs } = clientLimits;
  const turnout = await Turnout.start(run, {
    rules,
    flags: [
      ...['--head-timeout', `${headMs}ms`, '--body-timeout', `${bodyMs}ms`],
      ...['--write-timeout', `${writeMs}ms`, '--keep-alive', `${idleMs}ms`],
      ...['--tls-listen', '127.0.0.1:0', '--tls-cert', files.cert, '--tls-key', files.key],
    ],
  });
  // All cases of one round, then the next, so that unlike ones meet.
  const left = Array.from({ length: rounds }, () => cases).flat();
  const total = left.length;
  const troubles: string[] = [];
  let slowestMs = 0;
  const lane = async () => {
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      const startedAt = performance.now();
      const result = await each.tryIt(turnout);
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
