import type { SecureContext } from 'node:tls';
import { buildConnector, Client } from 'undici';
import { CheckStreak } from '#core/endpoints/check-streak';
import { serverNameOf } from '#core/endpoints/server-name';
import type { Endpoint } from '#core/routing/route';
import type { HealthRule } from '#core/routing/rules';

/** What is asked, and how. */
export interface CheckTarget {
  readonly endpoint: Endpoint;
  /** The endpoint's host, or one of the addresses that it stands for. */
  readonly address: string;
  readonly rule: HealthRule;
}

export interface CheckPorts {
  readonly random: () => number;
  /** What https endpoints are spoken to with. */
  readonly contextFor: (endpoint: Endpoint) => SecureContext;
  /** An endpoint is down by its checks from now on, or up again. */
  readonly turned: (target: CheckTarget, isUp: boolean, trouble: string) => void;
}

/** An answer is read this far: who sends more than that to a check is cut off. */
const bodyMost = 16 * 1024;
/** The first checks of many endpoints are spread over this. */
const firstWithinMs = 1_000;

/** Active checks: endpoints are asked now and then, over connections of their own. */
export class Checks {
  readonly #ports: CheckPorts;
  readonly #checks = new Map<string, Check>();

  constructor(ports: CheckPorts) {
    this.#ports = ports;
  }

  /**
   * Checks an address of an endpoint. It is up until it is found otherwise; `changed` is told
   * of each change, and at once of one that is down; `passed` once, when a check has passed for
   * the first time. Who asks for the same by the same rule shares its checks. Returns what ends it.
   */
  watch(
    target: CheckTarget,
    changed: (isUp: boolean) => void,
    passed: () => void = () => {},
  ): () => void {
    const key = JSON.stringify([target.endpoint.key, target.address, target.rule]);
    let check = this.#checks.get(key);
    if (check === undefined) {
      check = new Check(target, this.#ports, () => this.#checks.delete(key));
      this.#checks.set(key, check);
    }
    return check.follow({ changed, passed });
  }

  close(): void {
    for (const check of this.#checks.values()) check.close();
  }
}

interface Follower {
  readonly changed: (isUp: boolean) => void;
  readonly passed: () => void;
}

class Check {
  readonly #target: CheckTarget;
  readonly #ports: CheckPorts;
  readonly #closed: () => void;
  readonly #followers = new Set<Follower>();
  #hasPassed = false;
  readonly #streak = new CheckStreak();
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(target: CheckTarget, ports: CheckPorts, closed: () => void) {
    this.#target = target;
    this.#ports = ports;
    this.#closed = closed;
    const firstMs = Math.min(firstWithinMs, target.rule.intervalMs) * ports.random();
    this.#timer = this.#after(firstMs);
  }

  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    if (!this.#streak.isUp) follower.changed(false);
    if (this.#hasPassed) follower.passed();
    return () => {
      if (this.#followers.delete(follower) && this.#followers.size === 0) this.close();
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#closed();
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), ms).unref();
  }

  async #look(): Promise<void> {
    const { rule } = this.#target;
    const trouble = await troubleOf(this.#target, this.#ports, this.#ended.signal);
    if (this.#ended.signal.aborted) return;
    this.#timer = this.#after(rule.intervalMs * (0.9 + this.#ports.random() / 5));
    if (trouble === undefined && !this.#hasPassed) {
      this.#hasPassed = true;
      for (const { passed } of [...this.#followers]) passed();
    }
    if (!this.#streak.note(trouble === undefined, rule)) return;
    const { isUp } = this.#streak;
    this.#ports.turned(this.#target, isUp, trouble ?? '');
    for (const { changed } of [...this.#followers]) changed(isUp);
  }
}

/** Asks once, over a connection of its own. Returns what is wrong, if anything is. */
async function troubleOf(
  target: CheckTarget,
  ports: CheckPorts,
  ended: AbortSignal,
): Promise<string | undefined> {
  const { endpoint, address, rule } = target;
  const literal = address.includes(':') ? `[${address}]` : address;
  const client = new Client(`${endpoint.protocol}://${literal}:${endpoint.port}`, {
    connect: connectorFor(target, ports),
    allowH2: false,
    maxHeaderSize: bodyMost,
  });
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path: rule.path,
      headers: { host: rule.host ?? endpoint.authority, 'user-agent': 'turnout-check' },
      reset: true,
      signal: AbortSignal.any([ended, AbortSignal.timeout(rule.timeoutMs)]),
    });
    // The status says it all; who is cut off in the middle of an answer might log it as trouble.
    await body.dump({ limit: bodyMost }).catch(() => {});
    return isRight(statusCode, rule) ? undefined : `answered ${statusCode}`;
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.destroy();
  }
}

/** undici would take the name from the `Host` of the check: not what traffic goes by. */
function connectorFor({ endpoint, rule }: CheckTarget, { contextFor }: CheckPorts) {
  const plain = { timeout: rule.timeoutMs, allowH2: false };
  if (endpoint.protocol === 'http') return buildConnector(plain);
  const connect = buildConnector({
    ...plain,
    secureContext: contextFor(endpoint),
    rejectUnauthorized: endpoint.tls?.verify ?? true,
    maxCachedSessions: 0,
  });
  const servername = serverNameOf(endpoint);
  return ((options, callback) => connect({ ...options, servername }, callback)) as typeof connect;
}

function isRight(status: number, { statuses }: HealthRule): boolean {
  return statuses === undefined ? status >= 200 && status < 400 : statuses.includes(status);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
