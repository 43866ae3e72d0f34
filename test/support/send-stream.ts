import { setImmediate as turn } from 'node:timers/promises';
import { type Responses, readResponses } from './canonical-response.ts';
import { RawClient } from './raw-client.ts';

export interface Sent {
  /** The bytes, in pieces that are meant to be read one by one. */
  readonly pieces: readonly string[];
  /** Final responses there should be. */
  readonly finals: number;
  /** Whether a final response answers HEAD, by its number. */
  readonly isHead?: (number: number) => boolean;
  /** Whether the proxy should end the connection; else the client does, when it has its answers. */
  readonly ends: boolean;
  /** The address it comes from, one of 127.0.0.0/8. */
  readonly from?: string;
}

export interface Received extends Responses {
  readonly resetBy: string | undefined;
}

/** Sends a stream to a proxy and returns everything that came back, once the connection is gone. */
export async function sendStream(port: number, sent: Sent): Promise<Received> {
  const { pieces, finals, ends, from, isHead } = sent;
  const client = await RawClient.connect(port, '127.0.0.1', from);
  for (const piece of pieces) {
    client.write(piece);
    if (pieces.length > 1) await turn();
  }
  const hasAll = () => finalsIn(readResponses(client.received, isHead)) >= finals;
  if (ends) await client.ends();
  else await client.until(({ isClosed }) => isClosed || hasAll());
  client.socket.end();
  await client.closes();
  return { ...readResponses(client.received, isHead), resetBy: client.resetBy };
}

function finalsIn({ responses }: Responses): number {
  return responses.filter(({ status }) => status >= 200).length;
}
