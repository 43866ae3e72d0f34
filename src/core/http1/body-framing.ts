import type { Bytes } from './bytes.ts';
import { equalsName } from './field-id.ts';
import type { FieldLines } from './field-lines.ts';
import { isToken } from './field-lines.ts';
import type { Refusal } from './refusal.ts';

/** What Content-Length and Transfer-Encoding say (RFC 9112 section 6). */
export class BodyFraming {
  /** -1 without Content-Length. */
  contentLength = -1;
  isChunked = false;
  #coding = -1;

  clear(): void {
    this.contentLength = -1;
    this.isChunked = false;
    this.#coding = -1;
  }

  /** Takes the Content-Length at `index`. */
  readLength(lines: FieldLines, index: number): Refusal | undefined {
    if (this.contentLength >= 0) return 'repeated_content_length';
    const length = digitsAt(lines.bytes, lines.valueStart(index), lines.valueEnd(index));
    if (length < 0) return 'bad_content_length';
    this.contentLength = length;
    return undefined;
  }

  /** Takes the Transfer-Encoding at `index`. */
  readCoding(index: number): Refusal | undefined {
    if (this.#coding >= 0) return 'repeated_coding';
    this.#coding = index;
    return undefined;
  }

  /** Decides when all fields have been read. */
  judge(lines: FieldLines, minorVersion: number): Refusal | undefined {
    if (this.#coding < 0) return undefined;
    if (this.contentLength >= 0) return 'length_and_coding';
    if (minorVersion === 0) return 'coding_on_http10';
    const { bytes } = lines;
    const start = lines.valueStart(this.#coding);
    if (!equalsName(bytes, start, lines.valueEnd(this.#coding), 'chunked')) {
      return codingRefusal(lines.value(this.#coding));
    }
    this.isChunked = true;
    return undefined;
  }
}

const maxLengthDigits = 15;

/** Returns the number that stands here; -1 for anything but 1 to 15 digits. */
export function digitsAt(bytes: Bytes, start: number, end: number): number {
  if (end === start || end - start > maxLengthDigits) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Another coding before a final `chunked` is right but not ours; all else is wrong. */
function codingRefusal(value: string): Refusal {
  const codings = value.toLowerCase().split(/[\t ]*,[\t ]*/);
  const last = codings.pop();
  const areCodings = codings.every((coding) => isToken(coding) && coding !== 'chunked');
  return last === 'chunked' && codings.length > 0 && areCodings
    ? 'unsupported_coding'
    : 'bad_coding';
}
