import { ApiError } from '#core/kubernetes/api';

/** Reads a body whole. `heard` is called with each piece. Rejects with `ApiError` where it is too long. */
export async function read(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  heard: () => void = () => undefined,
): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    heard();
    length += piece.length;
    if (length > maxBytes) throw new ApiError(0, `answered more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
