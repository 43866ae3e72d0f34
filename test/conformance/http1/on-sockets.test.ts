import { test } from 'tap';
import type { ReadingBy } from '../../../src/proxy/borrowed-reads.ts';
import { counted } from '../../support/counted.ts';
import { inLanes } from '../../support/in-lanes.ts';
import { faultOnSockets } from '../../support/on-sockets.ts';
import { understand } from '../../support/understand.ts';
import { readCases, textOf, type Written } from './corpus.ts';

interface NamedBytes {
  readonly name: string;
  readonly bytes: Written;
}

const chunked = 'POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n';
const behind = 'GET /behind HTTP/1.1\r\nHost: behind.example\r\n\r\n';

/** Ways of cutting a stream: not at all, at each sixth of it, and into twelve. */
function cutsOf({ length }: string): readonly (readonly number[])[] {
  const twelfths = Array.from({ length: 11 }, (_, i) => Math.ceil(((i + 1) * length) / 12));
  return [[], ...twelfths.filter((_, i) => i % 2 === 1).map((cut) => [cut]), twelfths];
}

/**
 * All cases as streams of a client, cut in all ways. What is refused has a request behind it
 * that nobody may see. What follows a wish for a WebSocket is no HTTP, and another test's matter.
 */
const streams = [
  ...readCases<NamedBytes>('requests.json').map(
    ({ name, bytes }) => [name, textOf(bytes)] as const,
  ),
  ...readCases<NamedBytes>('chunked.json').map(
    ({ name, bytes }) => [`chunks: ${name}`, chunked + textOf(bytes)] as const,
  ),
].flatMap(([name, text]) => {
  const { end } = understand(text);
  if (end.kind === 'upgrade') return [];
  const sent = end.kind === 'refused' ? text + behind : text;
  return cutsOf(sent).map((cuts) => ({ name, text: sent, cuts }));
});

for (const reading of ['borrowed', 'events'] as const satisfies readonly ReadingBy[]) {
  test(`${streams.length} streams of the corpus through real sockets (${reading} reads)`, async (t) => {
    const here = await counted(t, reading);
    let count = 0;
    await inLanes(streams, 16, async ({ name, ...stream }) => {
      const from = `127.1.${count >> 8}.${count & 255}`;
      count++;
      const fault = await faultOnSockets(here, { ...stream, from });
      if (fault !== undefined)
        t.fail(`${name}, cut at ${stream.cuts.join() || 'no place'}: ${fault}`);
    });
    t.same(here.proxy.bugs, []);
    t.same(here.origin.malformed, []);
    t.equal(here.proxy.inFlight(), 0);
  });
}
