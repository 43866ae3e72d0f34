import { tokenBytes, underscore, valueBytes } from './byte-class.ts';
import { type Bytes, noBytes } from './bytes.ts';
import { equalsName, field, fieldIdOf, fieldIdOfName } from './field-id.ts';
import type { Refusal } from './refusal.ts';

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Offsets of one field: name start, name end, value start, value end. */
export const offsetsPerField = 4;

export interface FieldLimits {
  readonly maxFields: number;
  /** Of one line, from its name to the end of its value. */
  readonly maxFieldBytes: number;
}

/**
 * The field lines of a head, as offsets into the bytes they were scanned in. One object
 * per connection: a scan allocates nothing.
 */
export class FieldLines {
  bytes: Bytes = noBytes;
  count = 0;
  /** The first byte behind the last line, where the empty line begins. */
  linesEnd = 0;
  /** Four offsets a field; the value is without the white space around it. */
  readonly offsets: Int32Array;
  /** The number of each field, see `field`. */
  readonly ids: Uint8Array;
  /** 1: the field is neither forwarded nor looked at. */
  readonly dropped: Uint8Array;
  /** A name holds a `_`, which some servers read as `-`. */
  hasUnderscore = false;
  refusal: Refusal | undefined;

  /** `room`: the most fields that any limit lets in. */
  constructor(room: number) {
    this.offsets = new Int32Array(room * offsetsPerField);
    this.ids = new Uint8Array(room);
    this.dropped = new Uint8Array(room);
  }

  /** Returns the index of the first field of this number that is not dropped; -1 without one. */
  indexOf(id: number): number {
    const { ids, dropped, count } = this;
    for (let index = 0; index < count; index++) {
      if (ids[index] === id && dropped[index] === 0) return index;
    }
    return -1;
  }

  nameStart(index: number): number {
    return this.offsets[index * offsetsPerField] as number;
  }

  nameEnd(index: number): number {
    return this.offsets[index * offsetsPerField + 1] as number;
  }

  valueStart(index: number): number {
    return this.offsets[index * offsetsPerField + 2] as number;
  }

  valueEnd(index: number): number {
    return this.offsets[index * offsetsPerField + 3] as number;
  }

  value(index: number): string {
    return this.bytes.latin1Slice(this.valueStart(index), this.valueEnd(index));
  }

  hasName(index: number, lowerCase: string): boolean {
    return equalsName(this.bytes, this.nameStart(index), this.nameEnd(index), lowerCase);
  }

  /** Returns the name in lower case. */
  name(index: number): string {
    return this.bytes.latin1Slice(this.nameStart(index), this.nameEnd(index)).toLowerCase();
  }

  /** Returns all lines of a name joined, as one value (RFC 9110 section 5.3). */
  text(lowerCaseName: string): string | undefined {
    const id = fieldIdOfName(lowerCaseName);
    const { ids, dropped, count } = this;
    let text: string | undefined;
    for (let index = 0; index < count; index++) {
      if (ids[index] !== id || dropped[index] !== 0) continue;
      if (!isExact(id) && !this.hasName(index, lowerCaseName)) continue;
      const value = this.value(index);
      text = text === undefined ? value : `${text}${id === field.cookie ? '; ' : ', '}${value}`;
    }
    return text;
  }
}

/** Whether the number alone says what the name is. */
function isExact(id: number): boolean {
  return id !== field.other && id < field.xForwardedOther;
}

/**
 * Scans field lines and the empty line behind them. Returns the offset behind it, 0 if
 * bytes are missing, -1 if `lines.refusal` says why not. What is wrong is refused as soon
 * as its bytes are there, so that the same bytes are refused alike however they are cut.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over the bytes, whose steps share their offsets
export function scanFieldLines(
  lines: FieldLines,
  bytes: Bytes,
  start: number,
  end: number,
  limits: FieldLimits,
): number {
  const { offsets, ids, dropped } = lines;
  const { maxFieldBytes } = limits;
  const maxFields = Math.min(limits.maxFields, ids.length);
  const inName = tokenBytes;
  const inValue = valueBytes;
  lines.bytes = bytes;
  lines.refusal = undefined;
  lines.count = 0;
  let classes = 0;
  let count = 0;
  let at = start;
  for (;;) {
    const nameStart = at;
    // One byte more than allowed, so that a line of just the allowed length still shows its CR.
    const stop = Math.min(end, nameStart + maxFieldBytes + 1);
    let byteClass = 0;
    while (at < stop) {
      byteClass = inName[bytes[at] as number] as number;
      if (byteClass === 0) break;
      classes |= byteClass;
      at++;
    }
    if (at === stop) return ranOut(lines, nameStart + maxFieldBytes, end);
    const nameEnd = at;
    if (nameEnd === nameStart || bytes[nameEnd] !== COLON) {
      if (nameEnd === nameStart && bytes[at] === CR) {
        if (at + 1 >= end) return 0;
        if (bytes[at + 1] !== LF) return refuse(lines, 'bare_cr');
        lines.count = count;
        lines.linesEnd = at;
        lines.hasUnderscore = (classes & underscore) !== 0;
        return at + 2;
      }
      return refuse(lines, nameRefusal(bytes, nameStart, nameEnd, count));
    }
    at++;
    while (at < stop && (bytes[at] === SPACE || bytes[at] === HTAB)) at++;
    const valueStart = at;
    while (at < stop && inValue[bytes[at] as number] !== 0) at++;
    if (at === stop) return ranOut(lines, nameStart + maxFieldBytes, end);
    if (bytes[at] !== CR) return refuse(lines, bytes[at] === LF ? 'bare_lf' : 'control_in_value');
    if (at + 1 >= end) return 0;
    if (bytes[at + 1] !== LF) return refuse(lines, 'bare_cr');
    if (count === maxFields) return refuse(lines, 'too_many_fields');
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    const offset = count * offsetsPerField;
    offsets[offset] = nameStart;
    offsets[offset + 1] = nameEnd;
    offsets[offset + 2] = valueStart;
    offsets[offset + 3] = valueEnd;
    ids[count] = fieldIdOf(bytes, nameStart, nameEnd);
    dropped[count] = 0;
    count++;
    at += 2;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === HTAB;
}

function refuse(lines: FieldLines, refusal: Refusal): -1 {
  lines.refusal = refusal;
  return -1;
}

/** The bytes end within a line: more may come, unless it is too long already. */
function ranOut(lines: FieldLines, lastEnd: number, end: number): 0 | -1 {
  return end > lastEnd ? refuse(lines, 'field_too_large') : 0;
}

/** Why a line does not begin with a name and a colon. */
function nameRefusal(bytes: Bytes, nameStart: number, nameEnd: number, count: number): Refusal {
  const byte = bytes[nameEnd] as number;
  if (byte === LF) return 'bare_lf';
  if (nameEnd === nameStart) {
    if (isBlank(byte)) return count === 0 ? 'space_before_field' : 'line_folding';
    return byte === COLON ? 'empty_field_name' : 'bad_field_name';
  }
  if (isBlank(byte)) return 'space_before_colon';
  return byte === CR ? 'missing_colon' : 'bad_field_name';
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isToken(text: string): boolean {
  return token.test(text);
}

/** Whether a text, one character per byte, may be the value of a field. */
export function isFieldValue(text: string): boolean {
  return value.test(text);
}
