import type { Socket } from 'node:net';

/** Something that a client does wrong, and what it must get. */
export interface ClientFault {
  readonly name: string;
  /** What is sent before. */
  readonly before: string;
  /** How many bytes of an answer must have come before it goes wrong. */
  readonly afterBytes?: number;
  /** `raw` is what lies under TLS, or the same. */
  readonly act: (socket: Socket, raw: Socket) => void;
  /** 0: no answer, the connection ends. */
  readonly statuses: readonly number[];
  readonly afterMs?: number;
}

/** The limits that the flags of the grid set. */
export const clientLimits = {
  headMs: 1_000,
  bodyMs: 1_000,
  writeMs: 1_000,
  idleMs: 1_500,
} as const;
/** Not a flag: how long TLS may take to be agreed. */
const handshakeMs = 5_000;

const reset = (_socket: Socket, raw: Socket) => raw.resetAndDestroy();
const close = (socket: Socket) => {
  socket.end();
};
const silence = () => {};
const say = (text: string) => (socket: Socket) => {
  socket.write(text, 'latin1');
};

const head = 'GET /ok HTTP/1.1\r\nHost: trial\r\nX-Half: ';
const counted = 'POST /ok HTTP/1.1\r\nHost: trial\r\nContent-Length: 100\r\n\r\nhalf';
const chunked =
  'POST /ok HTTP/1.1\r\nHost: trial\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n';
const download = 'GET /download HTTP/1.1\r\nHost: trial\r\n\r\n';
const afterBytes = 100_000;
const { headMs, bodyMs, writeMs, idleMs } = clientLimits;
/** Reads nothing for longer than it may, and then looks what came of it. */
const doNotRead = (socket: Socket) => {
  socket.pause();
  setTimeout(() => socket.resume(), writeMs + 1_000);
};

export const clientFaults: readonly ClientFault[] = [
  { name: 'head-reset', before: head, act: reset, statuses: [0] },
  { name: 'head-close', before: head, act: close, statuses: [0] },
  { name: 'head-silence', before: head, act: silence, statuses: [408], afterMs: headMs },
  { name: 'head-garbage', before: head, act: say('\x00\r\n\r\n'), statuses: [400] },
  { name: 'no-head', before: '', act: silence, statuses: [0], afterMs: headMs },
  { name: 'counted-reset', before: counted, act: reset, statuses: [0] },
  { name: 'counted-close', before: counted, act: close, statuses: [0] },
  { name: 'counted-silence', before: counted, act: silence, statuses: [408], afterMs: bodyMs },
  { name: 'chunked-reset', before: chunked, act: reset, statuses: [0] },
  { name: 'chunked-close', before: chunked, act: close, statuses: [0] },
  { name: 'chunked-silence', before: chunked, act: silence, statuses: [408], afterMs: bodyMs },
  { name: 'chunked-garbage', before: chunked, act: say('zz\r\n'), statuses: [400] },
  { name: 'response-reset', before: download, afterBytes, act: reset, statuses: [200] },
  { name: 'response-close', before: download, afterBytes, act: close, statuses: [200] },
  {
    name: 'response-silence',
    before: download,
    afterBytes,
    act: doNotRead,
    statuses: [200],
    afterMs: writeMs + 1_000,
  },
  { name: 'idle-silence', before: '', act: silence, statuses: [0], afterMs: idleMs },
];

/** What may go wrong before TLS is agreed; sent as it is to a port that speaks TLS. */
export const handshakeFaults: readonly ClientFault[] = [
  { name: 'silence', before: '', act: silence, statuses: [0], afterMs: handshakeMs },
  { name: 'half', before: '\x16\x03\x01\x02', act: silence, statuses: [0], afterMs: handshakeMs },
  { name: 'half-reset', before: '\x16\x03\x01\x02', act: reset, statuses: [0] },
  { name: 'half-close', before: '\x16\x03\x01\x02', act: close, statuses: [0] },
  { name: 'garbage', before: '\x16\x03\x01\x00\x05', act: say('no TLS'), statuses: [0] },
  { name: 'plain', before: 'GET / HTTP/1.1\r\n', act: say('Host: trial\r\n\r\n'), statuses: [400] },
];
