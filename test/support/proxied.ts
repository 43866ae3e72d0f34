import type tls from 'node:tls';
import type { Test } from 'tap';
import { RawClient } from './raw-client.ts';
import { type RawOrigin, rawOrigin } from './raw-origin.ts';
import { rulesTo, type StartedProxy, type StartOptions, startProxy } from './start-proxy.ts';

/** An origin, a proxy before it and a client, until the test ends. */
export interface Proxied {
  readonly origin: RawOrigin;
  readonly proxy: StartedProxy;
  readonly client: RawClient;
}

export interface ProxiedOptions extends StartOptions {
  /** The rules, given the url of the origin; by default one route to it. */
  readonly rules?: (url: string) => string;
  /** The origin speaks TLS. */
  readonly secure?: tls.TlsOptions;
  /** How the client connects. */
  readonly connect?: (port: number) => Promise<RawClient>;
}

export async function proxied(
  t: Test,
  onData: Parameters<typeof rawOrigin>[0],
  { rules = rulesTo, connect = RawClient.connect, secure, ...options }: ProxiedOptions = {},
): Promise<Proxied> {
  const origin = await rawOrigin(onData, secure);
  const proxy = await startProxy(rules(origin.url), options);
  const client = await connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    proxy.close();
    await origin.close();
  });
  return { origin, proxy, client };
}
