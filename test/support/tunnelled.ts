import type { Test } from 'tap';
import { authority, certificate, served } from './certificates.ts';
import { type Proxied, type ProxiedOptions, proxied } from './proxied.ts';
import { RawClient } from './raw-client.ts';
import type { OriginConnection } from './raw-origin.ts';
import { rulesTo } from './start-proxy.ts';
import { asking, switching } from './web-socket.ts';

export interface Tunnelled extends Proxied {
  /** The other end of the client's tunnel. */
  readonly far: OriginConnection;
  /** What has come out there. */
  readonly arrived: () => string;
  /** What has come out at the client. */
  readonly returned: () => string;
}

/** A client with a WebSocket through a proxy to an origin that says only what a test says. */
export async function tunnelled(t: Test, options: ProxiedOptions = {}): Promise<Tunnelled> {
  const all = await proxied(
    t,
    ({ socket, received }) => {
      if (received.endsWith('\r\n\r\n')) socket.write(switching());
    },
    options,
  );
  const { origin, client } = all;
  client.write(asking());
  await client.receives(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
  const [far] = origin.connections;
  if (far === undefined) throw new Error('the origin has no connection');
  const [sent, got] = [far.received.length, client.received.length];
  return {
    ...all,
    far,
    arrived: () => far.received.slice(sent),
    returned: () => client.received.slice(got),
  };
}

const ca = authority();
const own = certificate({ names: ['shop.example'], issuer: ca });
const secure = {
  secure: { cert: own.cert, key: own.key },
  certificates: served(own),
  connect: (port: number) =>
    RawClient.connectSecure(port, { ca: ca.cert, servername: 'shop.example' }),
  rules: (url: string) =>
    rulesTo(url).replace('    versions:', '    tls: { verify: false }\n    versions:'),
} satisfies ProxiedOptions;

/** The ways in which both connections of a tunnel may be made and read. */
export const tunnelWays: readonly { readonly way: string; readonly options: ProxiedOptions }[] = [
  { way: 'borrowed reads', options: { reading: 'borrowed' } },
  { way: 'events reads', options: { reading: 'events' } },
  { way: 'TLS, borrowed reads', options: { ...secure, reading: 'borrowed' } },
  { way: 'TLS, events reads', options: { ...secure, reading: 'events' } },
];
