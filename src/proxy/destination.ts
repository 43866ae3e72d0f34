import { isIP } from 'node:net';
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
  const { endpoint } = pool;
  const { host, port, protocol, tls } = endpoint;
  if (protocol === 'http') return { host, port };
  const context = ports.contextFor(endpoint);
  return {
    host,
    port,
    context,
    // RFC 6066 section 3: an address is not asked for, and a name has no dot at its end.
    serverName: tls?.serverName ?? (isIP(host) === 0 ? host.replace(/\.$/, '') : ''),
    verify: tls?.verify ?? true,
    session: pool.session?.context === context ? pool.session.bytes : undefined,
    reached,
    resumable: (bytes) => {
      pool.session = { context, bytes };
    },
  };
}
