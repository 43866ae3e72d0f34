import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '#core/http1/bytes';

/** Bytes as a JSON file says them: one character per byte; what is long in parts. */
export type Written = string | { readonly parts: readonly Part[] } | Repeated;
type Part = string | Repeated;
interface Repeated {
  readonly repeat: string;
  readonly times: number;
}

export interface Case<Expected> {
  readonly name: string;
  readonly bytes: Written;
  readonly expect: Expected | { readonly refused: string } | { readonly more: true };
  /** Where it is written, or who got it wrong. */
  readonly why: string;
  /** Its part of the matrix by which proxies are compared: what is to become of it. */
  readonly matrix?: 'refuse' | 'pass' | 'harmless';
}

/** Returns the cases of one file of this folder. */
export function readCases<C>(file: string): readonly C[] {
  // The files are ours; a case that does not fit fails its own test.
  return JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as readonly C[];
}

export function textOf(written: Written): string {
  if (typeof written === 'string') return written;
  if ('repeat' in written) return written.repeat.repeat(written.times);
  return written.parts.map((part) => textOf(part)).join('');
}

/** Stands around the bytes of a case: whoever reads past an end meets it. */
const surroundings = '\r\nX\0: chunked\r\n\r\n';
export const paddingLength = surroundings.length;

/** Returns the bytes in the middle of a larger buffer, from `paddingLength` on. */
export function padded(text: string): Bytes {
  return Buffer.from(`${surroundings}${text}${surroundings}`, 'latin1') as Buffer & Bytes;
}

/** Offsets at which long bytes are cut; short ones are cut everywhere. */
export function cutsOf(length: number): readonly number[] {
  const everywhere = 600;
  if (length <= everywhere) return Array.from({ length: length + 1 }, (_, i) => i);
  const step = Math.ceil(length / 200);
  const steps = Array.from({ length: 200 }, (_, i) => i * step);
  const ends = Array.from({ length: 60 }, (_, i) => length - i);
  return [...new Set([...steps, ...ends])].filter((cut) => cut <= length).sort((a, b) => a - b);
}
