import { Agent } from 'undici';

/** Idle upstream connections are closed after this, before most servers would close them. */
const keepAliveTimeoutMs = 4_000;
const maxConnections = 1_024;
const maxHeadBytes = 32 * 1_024;

/**
 * undici's agents by connect timeout: all other time limits it takes with a request, this one
 * only with an agent. A service has as many as its documents have different values.
 */
export class Agents {
  readonly #byTimeout = new Map<number, Agent>();

  /** 0 means no limit. */
  of(connectTimeoutMs: number): Agent {
    let agent = this.#byTimeout.get(connectTimeoutMs);
    if (agent === undefined) {
      agent = new Agent({
        connect: { timeout: connectTimeoutMs },
        connections: maxConnections,
        pipelining: 1,
        keepAliveTimeout: keepAliveTimeoutMs,
        maxHeaderSize: maxHeadBytes,
        allowH2: false,
      });
      this.#byTimeout.set(connectTimeoutMs, agent);
    }
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byTimeout.values()].map((agent) => agent.destroy()));
  }
}
