import type { SecureContext } from 'node:tls';
import { Agent, buildConnector } from 'undici';
import type { Endpoint } from '#core/routing/route';
import { notConnected } from './failed.ts';
import { TlsFiles } from './tls-files.ts';

/** Idle upstream connections are closed after this, before most servers would close them. */
const keepAliveTimeoutMs = 4_000;
const maxConnections = 1_024;
const maxHeadBytes = 32 * 1_024;

/**
 * undici's agents by connect timeout and TLS settings: all other limits it takes with a request,
 * these only with an agent. A service has as many as its documents have different values.
 */
export class Agents {
  readonly #agents = new Map<string, Agent>();

  /** A connect timeout of 0 means no limit. */
  of(connectTimeoutMs: number, endpoint: Endpoint): Agent {
    const { key, protocol } = endpoint;
    const [, tls = ''] = key.split('#');
    const name = `${connectTimeoutMs} ${protocol} ${tls}`;
    let agent = this.#agents.get(name);
    if (agent === undefined) {
      agent = new Agent({
        connect: connectorOf(connectTimeoutMs, endpoint),
        connections: maxConnections,
        pipelining: 1,
        keepAliveTimeout: keepAliveTimeoutMs,
        maxHeaderSize: maxHeadBytes,
        allowH2: false,
      });
      this.#agents.set(name, agent);
    }
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }
}

/**
 * Returns what undici is to take for the origin of an endpoint. Of an https one it is told http:
 * it would ask for the certificate of each request's `Host`, and change connections with it.
 */
export function originOf({ authority }: Endpoint): string {
  return `http://${authority}`;
}

/** Files are read for each connection: what has been renewed counts for the next one. */
function connectorOf(timeout: number, { protocol, tls }: Endpoint): buildConnector.connector {
  if (protocol === 'http') return buildConnector({ timeout, allowH2: false });
  const files = new TlsFiles(tls);
  const { serverName: servername, verify: rejectUnauthorized = true } = tls ?? {};
  let last: SecureContext | undefined;
  let connect: buildConnector.connector;
  /** A connector resumes sessions, which must not outlive what verified them. */
  const connectorWith = (secureContext: SecureContext) => {
    if (secureContext === last) return connect;
    last = secureContext;
    const options = { timeout, allowH2: false, secureContext, rejectUnauthorized };
    connect = buildConnector(servername === undefined ? options : { ...options, servername });
    return connect;
  };
  return ({ hostname, host = hostname, port }, callback) => {
    const lost = (error: Error) => callback(notConnected(error), null);
    const to = { hostname, host, protocol: 'https:', port: port || '80' };
    files.context().then((context) => {
      connectorWith(context)(to, (...[error, socket]) => {
        if (error === null) callback(null, socket);
        else lost(error);
      });
    }, lost);
  };
}
