import { tokenBytes } from './byte-class.ts';
import { equalsName, field } from './field-id.ts';
import type { FieldLines } from './field-lines.ts';
import type { Refusal } from './refusal.ts';

const HTAB = 0x09;
const SPACE = 0x20;
const COMMA = 0x2c;

const maxOptions = 16;

/** What all lines of Connection say together (RFC 9110 section 7.6.1). */
export class ConnectionOptions {
  close = false;
  keepAlive = false;
  upgrade = false;
  /** Names of fields are among the options, not counting those that never are forwarded. */
  hasNames = false;
  count = 0;

  clear(): void {
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
    this.hasNames = false;
    this.count = 0;
  }

  /** Adds the options of the line at `index`. */
  read(lines: FieldLines, index: number): Refusal | undefined {
    const { bytes } = lines;
    const end = lines.valueEnd(index);
    let at = lines.valueStart(index);
    while (at < end) {
      const optionEnd = endOfOption(lines, at, end);
      if (optionEnd > at) this.#take(lines, at, optionEnd);
      if (++this.count > maxOptions) return 'too_many_connection_options';
      at = skipBlanks(lines, optionEnd, end);
      if (at < end && bytes[at] !== COMMA) return 'bad_connection_option';
      at = skipBlanks(lines, at + 1, end);
    }
    return undefined;
  }

  #take(lines: FieldLines, start: number, end: number): void {
    const { bytes } = lines;
    if (equalsName(bytes, start, end, 'keep-alive')) this.keepAlive = true;
    else if (equalsName(bytes, start, end, 'close')) this.close = true;
    else if (equalsName(bytes, start, end, 'upgrade')) this.upgrade = true;
    else this.hasNames = true;
  }
}

function endOfOption(lines: FieldLines, start: number, end: number): number {
  const { bytes } = lines;
  let at = start;
  while (at < end && tokenBytes[bytes[at] as number] !== 0) at++;
  return at;
}

function skipBlanks(lines: FieldLines, start: number, end: number): number {
  const { bytes } = lines;
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === HTAB)) at++;
  return at;
}

/** Drops the fields that Connection names, but for those that `isProtected` keeps. */
export function dropNominated(lines: FieldLines, isProtected: (name: string) => boolean): void {
  for (let index = 0; index < lines.count; index++) {
    if (lines.ids[index] !== field.connection) continue;
    for (const option of lines
      .value(index)
      .toLowerCase()
      .split(/[\t ]*,[\t ]*/)) {
      if (option !== '' && !isProtected(option)) dropNamed(lines, option);
    }
  }
}

function dropNamed(lines: FieldLines, lowerCaseName: string): void {
  for (let index = 0; index < lines.count; index++) {
    if (lines.hasName(index, lowerCaseName)) lines.dropped[index] = 1;
  }
}
