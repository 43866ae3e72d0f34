import type { Bytes } from '#core/http1/bytes';

/** A Buffer, with the two methods that Node's types leave out. */
export type NodeBytes = Buffer & Bytes;

/** Returns bytes of one's own, whatever was in them before. */
export function newBytes(length: number): NodeBytes {
  return Buffer.allocUnsafeSlow(length) as NodeBytes;
}

export const noBytes = newBytes(0);
