import { ChunkedDecoder } from '#core/http1/chunked';
import { framing } from '#core/http1/framing';
import type { Refusal } from '#core/http1/refusal';
import { ResponseHead, scanResponseHead, stripResponseHopByHop } from '#core/http1/response-head';
import type { NodeBytes } from '../../src/proxy/node-bytes.ts';

/** The head of a response, as far as it goes on. */
export interface UnderstoodHead {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turns, without what frames the body. */
  readonly fields: readonly string[];
  readonly contentLength: number;
}

/** What a version's bytes mean to Turnout, as the answer to one request on one connection. */
export interface UnderstoodResponse {
  readonly interims: readonly UnderstoodHead[];
  /** The final one, as soon as its head is whole. */
  readonly final: UnderstoodHead | undefined;
  /** As far as it came. */
  readonly body: string;
  readonly trailers: string;
  /**
   * `short`: more would have to come. `until_close`: the connection's end is the body's.
   * `refused`: it cannot be believed.
   */
  readonly end: 'whole' | 'short' | 'until_close' | 'refused';
  readonly refusal: Refusal | undefined;
  /** Where the response ends, if it is whole. */
  readonly at: number;
}

const mostInterims = 16;
type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** Returns what a version's bytes mean, if that is all it sends. */
export function understandResponse(text: string, isHead: boolean): UnderstoodResponse {
  const bytes = Buffer.from(text, 'latin1') as NodeBytes;
  const interims: UnderstoodHead[] = [];
  const all: Writable<UnderstoodResponse> = {
    interims,
    final: undefined,
    body: '',
    trailers: '',
    end: 'short',
    refusal: undefined,
    at: 0,
  };
  const head = new ResponseHead();
  for (;;) {
    const next = scanResponseHead(head, bytes, all.at, bytes.length, isHead);
    if (next < 0) return refused(all, head.refusal);
    if (next === 0) return all;
    all.at = next;
    const seen = headOf(head);
    if (head.status >= 200) return finalOf({ ...all, final: seen }, head, bytes);
    if (head.status === 101 || interims.length === mostInterims) return refused(all, 'bad_status');
    interims.push(seen);
  }
}

function refused(
  all: UnderstoodResponse,
  refusal: Refusal = 'bad_status_line',
): UnderstoodResponse {
  return { ...all, end: 'refused', refusal };
}

function finalOf(
  all: UnderstoodResponse,
  head: ResponseHead,
  bytes: NodeBytes,
): UnderstoodResponse {
  const start = all.at;
  if (head.framing === framing.none) return { ...all, end: 'whole' };
  if (head.framing === framing.untilClose) {
    return { ...all, body: bytes.latin1Slice(start), end: 'until_close', at: bytes.length };
  }
  if (head.framing === framing.length) {
    const at = Math.min(bytes.length, start + head.contentLength);
    const isWhole = at === start + head.contentLength;
    return { ...all, body: bytes.latin1Slice(start, at), end: isWhole ? 'whole' : 'short', at };
  }
  const decoder = new ChunkedDecoder();
  decoder.decode(bytes, start, bytes.length);
  const body = bytes.latin1Slice(decoder.dataStart, decoder.dataEnd);
  if (decoder.refusal !== undefined) return refused({ ...all, body }, decoder.refusal);
  const end = decoder.done ? 'whole' : 'short';
  return { ...all, body, trailers: decoder.trailerText, end, at: decoder.next };
}

const writtenAnew = /^(?:content-length|transfer-encoding|connection)$/;

function headOf(head: ResponseHead): UnderstoodHead {
  stripResponseHopByHop(head);
  const { lines, bytes, status, contentLength } = head;
  const fields: string[] = [];
  for (let index = 0; index < lines.count; index++) {
    const name = lines.name(index);
    if (lines.dropped[index] === 1 || writtenAnew.test(name)) continue;
    if (
      name === 'trailer' &&
      !(head.framing === framing.chunked || head.framing === framing.untilClose)
    )
      continue;
    fields.push(
      bytes.latin1Slice(lines.nameStart(index), lines.nameEnd(index)),
      lines.value(index),
    );
  }
  return {
    status,
    reason: bytes.latin1Slice(head.reasonStart, head.reasonEnd),
    fields,
    contentLength,
  };
}
