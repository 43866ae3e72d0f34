/**
 * Bytes of messages, as the scanner and the writer use them. Node's Buffer is one; core
 * names only what it calls.
 *
 * Loops over bytes say `bytes[at] as number`: `at` has been compared with an end inside
 * the buffer, which the index type can't know.
 */
export interface Bytes extends Uint8Array {
  latin1Slice(start?: number, end?: number): string;
  latin1Write(text: string, offset?: number): number;
  copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number;
}

/** Stands where bytes will be. Nothing reads or writes it, so a plain array may pass for them. */
export const noBytes = new Uint8Array(0) as Bytes;
