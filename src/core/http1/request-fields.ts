import { digitsAt } from './body-framing.ts';
import { equalsName, field, lastDecisive } from './field-id.ts';
import type { FieldLines } from './field-lines.ts';
import { framing } from './framing.ts';
import type { Refusal } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import { targetForm } from './target-form.ts';

/** A request that has come through so many proxies goes in a circle. */
const maxVia = 9;

/** Reads what the fields decide. Returns why the request is refused. */
export function readRequestFields(head: RequestHead): Refusal | undefined {
  const { lines } = head;
  const { ids, count } = lines;
  clear(head);
  for (let index = 0; index < count; index++) {
    const id = ids[index] as number;
    if (id === field.other || id > lastDecisive) continue;
    const refusal = readField(head, lines, id, index);
    if (refusal !== undefined) return refusal;
  }
  return judge(head);
}

function clear(head: RequestHead): void {
  head.body.clear();
  head.options.clear();
  head.hostIndex = -1;
  head.expectsContinue = false;
  head.upgradeIndex = -1;
  head.wantsUpgrade = false;
  head.acceptsTrailers = false;
  head.maxForwards = -1;
  head.viaCount = 0;
}

function readField(
  head: RequestHead,
  lines: FieldLines,
  id: number,
  index: number,
): Refusal | undefined {
  switch (id) {
    case field.host:
      if (head.hostIndex >= 0) return 'repeated_host';
      head.hostIndex = index;
      return undefined;
    case field.connection:
      return head.options.read(lines, index);
    case field.contentLength:
      return head.body.readLength(lines, index);
    case field.transferEncoding:
      return head.body.readCoding(index);
    case field.expect:
      return readExpect(head, lines, index);
    case field.te:
      if (/(?:^|,)[\t ]*trailers[\t ]*(?:,|$)/i.test(lines.value(index)))
        head.acceptsTrailers = true;
      return undefined;
    case field.upgrade:
      // Of several protocols we would have to choose one: then none is taken.
      head.wantsUpgrade = head.upgradeIndex < 0 && isNamed(lines, index, 'websocket');
      head.upgradeIndex = index;
      return undefined;
    case field.via:
      return readVia(head, lines, index);
    default:
      readMaxForwards(head, lines, index);
      return undefined;
  }
}

function isNamed(lines: FieldLines, index: number, lowerCase: string): boolean {
  return equalsName(lines.bytes, lines.valueStart(index), lines.valueEnd(index), lowerCase);
}

function readExpect(head: RequestHead, lines: FieldLines, index: number): Refusal | undefined {
  if (head.expectsContinue || !isNamed(lines, index, '100-continue')) return 'unknown_expectation';
  head.expectsContinue = true;
  return undefined;
}

function readVia(head: RequestHead, lines: FieldLines, index: number): Refusal | undefined {
  const end = lines.valueEnd(index);
  let entries = 1;
  for (let at = lines.valueStart(index); at < end; at++) if (lines.bytes[at] === 0x2c) entries++;
  head.viaCount += entries;
  return head.viaCount > maxVia ? 'loop' : undefined;
}

/** Only OPTIONS and TRACE know Max-Forwards; one that is not a number is nobody's business. */
function readMaxForwards(head: RequestHead, lines: FieldLines, index: number): void {
  if (head.method !== 'OPTIONS' || head.maxForwards >= 0) return;
  head.maxForwards = digitsAt(lines.bytes, lines.valueStart(index), lines.valueEnd(index));
}

function judge(head: RequestHead): Refusal | undefined {
  const { body, lines, options, minorVersion } = head;
  const refusal = judgeHost(head) ?? body.judge(lines, minorVersion);
  if (refusal !== undefined) return refusal;
  head.contentLength = body.contentLength;
  head.framing = framing.none;
  if (body.isChunked) head.framing = framing.chunked;
  else if (body.contentLength >= 0) head.framing = framing.length;
  const hasBody = body.isChunked || body.contentLength > 0;
  head.persistent = !options.close && (minorVersion === 1 || options.keepAlive);
  // Trailers come behind chunks, which HTTP/1.0 does not know.
  if (minorVersion === 0) head.acceptsTrailers = false;
  // A client of HTTP/1.0 can't wait for 100, and without a body there is nothing to wait with.
  if (minorVersion === 0 || !hasBody) head.expectsContinue = false;
  if (!options.upgrade || minorVersion === 0 || hasBody || head.method !== 'GET') {
    head.wantsUpgrade = false;
  }
  return undefined;
}

function judgeHost(head: RequestHead): Refusal | undefined {
  if (head.hostIndex < 0) {
    if (head.minorVersion === 1) return 'missing_host';
    head.clearHost();
    return head.authorityEnd > 0 ? 'target_is_not_host' : undefined;
  }
  const start = head.lines.valueStart(head.hostIndex);
  const end = head.lines.valueEnd(head.hostIndex);
  if (!head.readHostValue(start, end)) return 'bad_host';
  if (head.authorityEnd > 0 && !namesHost(head, start, end)) return 'target_is_not_host';
  // A proxy at the end of the way asks `*` of itself (RFC 9112 section 3.2.4).
  if (head.method === 'OPTIONS' && head.authorityEnd > 0 && head.targetEnd === head.authorityEnd) {
    head.targetForm = targetForm.asterisk;
  }
  return undefined;
}

/** Whether the authority of an absolute target is the Host, but for case. */
function namesHost(head: RequestHead, start: number, end: number): boolean {
  const authority = head.bytes.latin1Slice(head.authorityStart, head.authorityEnd).toLowerCase();
  return equalsName(head.bytes, start, end, authority);
}
