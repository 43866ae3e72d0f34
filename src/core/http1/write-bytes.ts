import type { Bytes } from './bytes.ts';

/** Up to here a loop copies faster than a call does: some 1.1 ns a byte against 33 ns (Node 26). */
const copiedByLoop = 24;

/** Copies `from[start, end)`; returns the offset behind the copy. */
export function copyBytes(out: Bytes, at: number, from: Bytes, start: number, end: number): number {
  const length = end - start;
  if (length > copiedByLoop) {
    from.copy(out, at, start, end);
  } else {
    for (let i = 0; i < length; i++) out[at + i] = from[start + i] as number;
  }
  return at + length;
}

/** Writes short text, one byte per character; returns the offset behind it. */
export function writeText(out: Bytes, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) out[at + i] = text.charCodeAt(i);
  return at + length;
}

/** Writes a whole number in decimal; returns the offset behind it. */
export function writeDigits(out: Bytes, at: number, value: number): number {
  let end = at + 1;
  for (let rest = Math.floor(value / 10); rest > 0; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let place = end - 1; place >= at; place--) {
    out[place] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}
