import { serverNameOf } from '#core/endpoints/server-name';
import type { Destination } from './borrowed-reads.ts';
import type { Pool } from './pool.ts';
import type { Ports } from './ports.ts';

/**
 * Returns where a new connection of a pool leads. `reached` is called where TLS is to be
 * spoken, when that begins.
 */
export function destinationOf(
  pool: Pool,
  ports: Pick<Ports, 'contextFor'>,
  reached: () => void,
): Destination {
  const { endpoint, address } = pool;
  const { port, protocol, tls } = endpoint;
  if (protocol === 'http') return { host: address, port };
  const context = ports.contextFor(endpoint);
  return {
    host: address,
    port,
    context,
    serverName: serverNameOf(endpoint),
    verify: tls?.verify ?? true,
    session: pool.session?.context === context ? pool.session.bytes : undefined,
    reached,
    resumable: (bytes) => {
      pool.session = { context, bytes };
    },
  };
}
