import net from 'node:net';
import tls from 'node:tls';
import { MessageReader } from './message-reader.ts';
import { switchingAnswer } from './websocket.ts';

/** How far an exchange comes before the origin does something wrong. */
export type Phase =
  | 'connect'
  | 'request-head'
  | 'request-body'
  | 'response-head'
  | 'response-body'
  | 'idle';

/** What the client must get. */
export interface Expected {
  /** Any of these. */
  readonly statuses: readonly number[];
  /** The answer begins, and the connection is then reset: it cannot pass for a whole one. */
  readonly isBroken?: boolean;
  /** How the connection ends behind the answer. */
  readonly ends?: 'reset' | 'ended';
  /** The time limit that ends it; 0 where it ends by itself. */
  readonly afterMs?: number;
}

export interface UpstreamFault {
  readonly phase: Phase;
  readonly name: string;
  readonly act: (socket: net.Socket) => void;
  readonly expected: Expected;
  /** What the origin sends before it goes wrong. */
  readonly before?: string;
  /** The request has a body that no buffer on the way can hold. */
  readonly isHuge?: boolean;
}

/** The limits that the rules of the grid set. */
export const limits = { connectMs: 500, firstByteMs: 800, idleMs: 1_200 } as const;

/** The socket under one that speaks TLS: only that can be reset. */
const rawOf = new WeakMap<net.Socket, net.Socket>();
const reset = (socket: net.Socket) => (rawOf.get(socket) ?? socket).resetAndDestroy();
const close = (socket: net.Socket) => {
  socket.end();
  socket.resume();
};
const silence = () => {};
const say = (text: string) => (socket: net.Socket) => {
  socket.write(text, 'latin1');
};
const garbage = say('\x00\xffnothing of this is HTTP\r\n\r\n');
const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig';
const early = (socket: net.Socket) => {
  say(tooLarge)(socket);
  close(socket);
};
/** Closing over bytes that were not read sends a reset, which may erase the answer. */
const earlyAndGone = (socket: net.Socket) => {
  socket.write(tooLarge, 'latin1', () => socket.destroy());
};

const badGateway = { statuses: [502] };
const late = { statuses: [504], afterMs: limits.firstByteMs };
const brokenOff = { statuses: [200], isBroken: true };
const brokenLate = { ...brokenOff, afterMs: limits.idleMs };

const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n';
const untilEnd = 'HTTP/1.1 200 OK\r\n\r\nhalf of it';
const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** The same ways to go wrong before anything of an answer was sent. */
function beforeAnswer(phase: Phase): UpstreamFault[] {
  return [
    { phase, name: 'reset', act: reset, expected: badGateway },
    { phase, name: 'close', act: close, expected: badGateway },
    { phase, name: 'silence', act: silence, expected: late },
    { phase, name: 'garbage', act: garbage, expected: badGateway },
  ];
}

function early413(phase: Phase): UpstreamFault[] {
  return [
    { phase, name: 'early', act: early, expected: { statuses: [413] } },
    { phase, name: 'early-and-gone', act: earlyAndGone, expected: { statuses: [413, 502] } },
  ];
}

const phase = 'response-body';
export const upstreamFaults: readonly UpstreamFault[] = [
  ...beforeAnswer('connect'),
  ...beforeAnswer('request-head'),
  ...early413('request-head'),
  ...beforeAnswer('request-body'),
  ...early413('request-body'),
  {
    phase: 'request-body',
    name: 'stall',
    act: (socket) => socket.pause(),
    expected: { statuses: [504], afterMs: limits.idleMs },
    isHuge: true,
  },
  ...beforeAnswer('response-head').map((fault) => ({
    ...fault,
    before: 'HTTP/1.1 200 OK\r\nX-Begun: ',
  })),
  { phase, name: 'counted-reset', before: counted, act: reset, expected: brokenOff },
  { phase, name: 'counted-close', before: counted, act: close, expected: brokenOff },
  { phase, name: 'counted-silence', before: counted, act: silence, expected: brokenLate },
  {
    phase,
    name: 'counted-surplus',
    before: `${whole}and more`,
    act: silence,
    expected: { statuses: [200] },
  },
  { phase, name: 'chunked-reset', before: chunked, act: reset, expected: brokenOff },
  { phase, name: 'chunked-close', before: chunked, act: close, expected: brokenOff },
  { phase, name: 'chunked-silence', before: chunked, act: silence, expected: brokenLate },
  { phase, name: 'chunked-garbage', before: chunked, act: garbage, expected: brokenOff },
  { phase, name: 'until-end-reset', before: untilEnd, act: reset, expected: brokenOff },
  { phase, name: 'until-end-silence', before: untilEnd, act: silence, expected: brokenLate },
  { phase: 'idle', name: 'reset', act: reset, expected: { statuses: [200] } },
  { phase: 'idle', name: 'close', act: close, expected: { statuses: [200] } },
  { phase: 'idle', name: 'garbage', act: garbage, expected: { statuses: [200] } },
  {
    phase: 'idle',
    name: 'late-408',
    act: say('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'),
    expected: { statuses: [200] },
  },
];

const proven = (reader: MessageReader) => switchingAnswer(reader.field('sec-websocket-key') ?? '');
const switched = { statuses: [101] };

/** What may go wrong with a WebSocket; `answer` is what the origin says to the request for it. */
export interface TunnelFault {
  readonly name: string;
  readonly answer: (reader: MessageReader) => string;
  readonly act: (socket: net.Socket) => void;
  readonly expected: Expected;
}

export const tunnelFaults: readonly TunnelFault[] = [
  { name: 'reset', answer: proven, act: reset, expected: { ...switched, ends: 'reset' } },
  { name: 'close', answer: proven, act: close, expected: { ...switched, ends: 'ended' } },
  {
    name: 'silence',
    answer: proven,
    act: silence,
    expected: { ...switched, ends: 'reset', afterMs: limits.idleMs },
  },
  {
    name: 'garbage-and-silence',
    answer: proven,
    act: garbage,
    expected: { ...switched, ends: 'reset', afterMs: limits.idleMs },
  },
  {
    name: 'half-a-frame',
    answer: proven,
    act: (socket) => {
      socket.write(Buffer.of(0x82, 100, 1, 2, 3));
      reset(socket);
    },
    expected: { ...switched, ends: 'reset' },
  },
  {
    name: 'no-proof',
    answer: () => switchingAnswer('another key'),
    act: silence,
    expected: badGateway,
  },
  {
    name: 'no-upgrade',
    answer: () => 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    act: silence,
    expected: badGateway,
  },
  { name: 'refused', answer: () => whole, act: silence, expected: { statuses: [200] } },
];

/** Starts an origin of WebSockets that does one thing wrong. */
export function startTunnelFault(
  fault: TunnelFault,
  after: (act: () => void) => void,
): Promise<number> {
  return listen(after, (socket) => {
    const reader = new MessageReader();
    let isSwitched = false;
    socket.on('data', (chunk: Buffer) => {
      if (isSwitched) return;
      reader.read(chunk);
      if (!reader.isWhole) return;
      const answer = fault.answer(reader);
      isSwitched = answer !== whole;
      reader.next();
      socket.write(answer, 'latin1');
      setTimeout(() => fault.act(socket), 20);
    });
  });
}

/** Calls `act` as far into each exchange as the fault's phase says. */
function goWrong(fault: UpstreamFault, socket: net.Socket): void {
  const reader = new MessageReader();
  let hasActed = false;
  const actOnce = () => {
    if (!hasActed) fault.act(socket);
    hasActed = true;
  };
  if (fault.phase === 'request-head') reader.onHead = actOnce;
  if (fault.phase === 'request-body') reader.onBody = actOnce;
  socket.on('data', (chunk: Buffer) => {
    reader.read(chunk);
    if (!reader.isWhole || hasActed) return;
    reader.next();
    if (fault.phase === 'idle') {
      socket.write(whole, 'latin1', () => setTimeout(actOnce, 20));
      return;
    }
    // A request without a body never comes to the phase of the body: it goes wrong all the same.
    if (fault.before !== undefined) socket.write(fault.before, 'latin1');
    setTimeout(actOnce, 20);
  });
}

/** What an origin shows of itself. */
export interface Shown {
  readonly cert: string;
  readonly key: string;
}

function secured(raw: net.Socket, shown: Shown): net.Socket {
  const secureContext = tls.createSecureContext({ cert: shown.cert, key: shown.key });
  const socket = new tls.TLSSocket(raw, { isServer: true, secureContext });
  rawOf.set(socket, raw);
  return socket;
}

/** Starts an origin that does one thing wrong, with TLS if it has something to show. */
export function startFault(
  fault: UpstreamFault,
  after: (act: () => void) => void,
  shown?: Shown,
): Promise<number> {
  return listen(after, (raw) => {
    if (fault.phase === 'connect') {
      fault.act(raw);
      return;
    }
    const socket = shown === undefined ? raw : secured(raw, shown);
    socket.on('error', () => {});
    goWrong(fault, socket);
  });
}

async function listen(
  after: (act: () => void) => void,
  accept: (socket: net.Socket) => void,
): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}
