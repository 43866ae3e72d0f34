import type { Test } from 'tap';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import type { Setting } from './on-sockets.ts';
import { rulesTo, startProxy } from './start-proxy.ts';
import { strictOrigin } from './strict-origin.ts';

/**
 * An origin that counts and a proxy before it, until the test ends. What is refused is read on
 * until its client has sent it all, however slow this machine is.
 */
export async function counted(t: Test, reading: ReadingBy): Promise<Setting> {
  const origin = await strictOrigin();
  const proxy = await startProxy(rulesTo(origin.url), { reading, limits: { lingerMs: 60_000 } });
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  return { origin, proxy };
}
