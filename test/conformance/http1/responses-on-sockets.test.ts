import { test } from 'tap';
import { faultOfResponse } from '../../support/response-on-sockets.ts';
import { scriptedOrigin } from '../../support/scripted-origin.ts';
import { rulesTo, startProxy } from '../../support/start-proxy.ts';
import { readCases, textOf, type Written } from './corpus.ts';

interface ResponseBytes {
  readonly name: string;
  readonly bytes: Written;
  readonly answers?: 'HEAD';
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const stray = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers';

/** All cases, those of chunked bodies too, and each once more with a response behind it that nobody may see. */
const responses = [
  ...readCases<ResponseBytes>('responses.json').map(({ name, answers, bytes }) => ({
    name,
    method: answers ?? ('GET' as const),
    text: textOf(bytes),
  })),
  ...readCases<ResponseBytes>('chunked.json').map(({ name, bytes }) => ({
    name: `chunks: ${name}`,
    method: 'GET' as const,
    text: chunked + textOf(bytes),
  })),
].flatMap(({ name, method, text }) => [
  { name, method, text },
  { name: `${name}, and more`, method, text: text + stray },
]);

/** Ways of cutting: not at all, in the middle, and into eight. */
function cutsOf({ length }: string): readonly (readonly number[])[] {
  const eighths = Array.from({ length: 7 }, (_, i) => Math.ceil(((i + 1) * length) / 8));
  return [[], [length >> 1], eighths];
}

for (const reading of ['borrowed', 'events'] as const) {
  test(`${responses.length} responses of versions through real sockets (${reading} reads)`, async (t) => {
    const origin = await scriptedOrigin();
    const limits = { lingerMs: 60_000 };
    const proxy = await startProxy(rulesTo(origin.url), { reading, limits });
    t.teardown(async () => {
      proxy.close();
      await origin.close();
    });
    for (const [number, { name, ...response }] of responses.entries()) {
      for (const [way, cuts] of cutsOf(response.text).entries()) {
        const fault = await faultOfResponse(
          { origin, proxy },
          { ...response, cuts, id: `${number}-${way}` },
        );
        if (fault !== undefined) t.fail(`${name}, cut at ${cuts.join() || 'no place'}: ${fault}`);
      }
    }
    t.same(proxy.bugs, []);
    t.equal(proxy.inFlight(), 0);
  });
}
