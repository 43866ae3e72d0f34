import type { Socket } from 'node:net';

/** Something that a client does wrong, and what it must get. */
export interface ClientFault {
  readonly name: string;
  /** What is sent before. */
  readonly before: string;
  /** How many bytes of an answer must have come before it goes wrong. */
  readonly afterBytes?: number;
  readonly act: (socket: Socket) => void;
  /** 0: no answer, the connection ends. */
  readonly statuses: readonly number[];
  readonly afterMs?: number;
}

/** The limits that the flags of the grid set. */
export const clientLimits = { headMs: 1_000, bodyMs: 1_000, idleMs: 1_500 } as const;

const reset = (socket: Socket) => socket.resetAndDestroy();
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
const { headMs, bodyMs, idleMs } = clientLimits;

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
  { name: 'idle-silence', before: '', act: silence, statuses: [0], afterMs: idleMs },
];
