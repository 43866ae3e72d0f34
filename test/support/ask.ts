import { RawClient } from './raw-client.ts';

export const get = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n';
export const post = 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody';

/** Asks once, over a connection of its own; returns the whole answer, or what there is of it. */
export async function ask(port: number, request = get): Promise<string> {
  const client = await RawClient.connect(port);
  client.write(request);
  await client.until(({ received, isClosed }) => isClosed || isWhole(received));
  client.destroy();
  return client.received;
}

/** Returns the status of an answer; 0 where there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (/^transfer-encoding: chunked\r$/im.test(received)) return received.endsWith('0\r\n\r\n');
  const length = Number(/^content-length: (\d+)\r$/im.exec(received)?.[1] ?? Number.NaN);
  return headEnd >= 0 && received.length >= headEnd + 4 + length;
}
