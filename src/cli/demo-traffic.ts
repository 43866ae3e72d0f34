import { Pool } from 'undici';

/** What the users of a demo have met. */
export interface Met {
  /** Answers by version, and those of them that were errors. */
  readonly answers: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  /** Requests that no version has answered. */
  readonly lost: number;
  readonly longestMs: number;
  /** Users that have seen each version. */
  readonly users: ReadonlyMap<string, number>;
}

export interface TrafficOptions {
  readonly perSecond: number;
  /** Users take turns; each has a cookie. */
  readonly users: number;
  /** Hosts that are asked, one after the other. */
  readonly hosts: readonly string[];
  /** The chance that somebody who has seen a version orders. */
  readonly orders: Readonly<Record<string, number>>;
}

const everyMs = 20;
const mostUnderWay = 2_000;

/** The users of a demo: they ask again and again, whatever becomes of what they asked before. */
export class DemoTraffic {
  readonly #pool: Pool;
  readonly #options: TrafficOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #answers = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #users = new Map<string, Set<number>>();
  readonly #startedAt = performance.now();
  #asked = 0;
  #underWay = 0;
  #lost = 0;
  #longestMs = 0;

  constructor(url: string, options: TrafficOptions) {
    this.#options = options;
    this.#pool = new Pool(url, { connections: 256, pipelining: 1, headersTimeout: 60_000 });
    this.#timer = setInterval(() => this.#go(), everyMs);
  }

  met(): Met {
    return {
      answers: new Map(this.#answers),
      errors: new Map(this.#errors),
      lost: this.#lost,
      longestMs: this.#longestMs,
      users: new Map(Array.from(this.#users, ([version, users]) => [version, users.size])),
    };
  }

  /** Asks nothing any more; resolves when all answers are there. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pool.close();
  }

  /** As many as should have been asked by now. */
  #go(): void {
    const elapsed = (performance.now() - this.#startedAt) / 1_000;
    while (this.#asked < elapsed * this.#options.perSecond) {
      this.#asked += 1;
      if (this.#underWay < mostUnderWay) void this.#visit(this.#asked);
      else this.#lost += 1;
    }
  }

  async #visit(number: number): Promise<void> {
    const { users, hosts, orders } = this.#options;
    const user = Math.floor(Math.random() * users);
    const host = hosts[number % hosts.length] ?? '';
    const version = await this.#ask(user, host, 'GET', '/');
    if (version === undefined || Math.random() >= (orders[version] ?? 0)) return;
    await this.#ask(user, host, 'POST', '/order');
  }

  /** Returns the version that has answered; undefined where none has. */
  async #ask(user: number, host: string, method: 'GET' | 'POST', path: string) {
    const askedAt = performance.now();
    this.#underWay += 1;
    try {
      const headers = { host, cookie: `uid=user-${user}` };
      const { statusCode, body } = await this.#pool.request({ path, method, headers });
      const text = await body.text();
      const [, version] = /the version is: (\S+)/.exec(text) ?? [];
      if (statusCode >= 500 && version === undefined) this.#lost += 1;
      if (version !== undefined) this.#note(user, version, statusCode >= 500);
      return version;
    } catch {
      this.#lost += 1;
      return undefined;
    } finally {
      this.#underWay -= 1;
      this.#longestMs = Math.max(this.#longestMs, performance.now() - askedAt);
    }
  }

  #note(user: number, version: string, isError: boolean): void {
    add(this.#answers, version);
    if (isError) add(this.#errors, version);
    const users = this.#users.get(version) ?? new Set();
    this.#users.set(version, users.add(user));
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
