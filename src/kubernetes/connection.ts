import { Pool } from 'undici';
import { ApiError } from '#core/kubernetes/api';
import type { Access, Credentials } from './access.ts';
import type { Clock } from './clock.ts';
import { read } from './read-answer.ts';
import type { Times } from './times.ts';

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal: AbortSignal;
}

interface Ready {
  readonly pool: Pool;
  /** What its connections trust and show. */
  readonly identity: string;
  readonly token: string | undefined;
  readonly at: number;
}

/** Probes of TCP, so that one hears of a peer that has gone: after so much quiet. */
const keepAliveInitialDelay = 30_000;
/** Between two requests, so that a lease is renewed without a handshake. */
const keepAliveTimeout = 30_000;
/** Of an answer that says no. */
const maxErrorBytes = 65_536;

/** Connections to one API server, with token and certificates as they are now. */
export class Connection {
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #times: Times;
  readonly #userAgent: string;
  /** All that have not ended: those before the last one finish what is begun. */
  readonly #pools = new Set<Pool>();
  #ready: Ready | undefined;
  #reading: Promise<Ready> | undefined;

  constructor(access: Access, clock: Clock, times: Times, userAgent: string) {
    this.#access = access;
    this.#clock = clock;
    this.#times = times;
    this.#userAgent = userAgent;
  }

  get server(): string {
    return this.#access.server.origin;
  }

  /**
   * Asks, and returns the body of an answer that says yes. Rejects with `ApiError` where it says
   * no or does not come, and with the reason of the signal where that ends it.
   */
  async ask(question: Question): Promise<AsyncIterable<Buffer>> {
    const { method, body, signal, contentType = 'application/json' } = question;
    const { pool, token } = await this.#readied();
    const answer = await pool
      .request({
        method,
        path: this.#pathOf(question),
        headers: {
          accept: question.accept ?? 'application/json',
          'user-agent': this.#userAgent,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        body: body ?? null,
        signal,
      })
      .catch((error) => {
        throw signal.aborted ? signal.reason : this.#unreachable(error);
      });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer.body;
    if (statusCode === 401) this.forget();
    const text = await read(answer.body, maxErrorBytes).catch(() => '');
    throw new ApiError(
      statusCode,
      messageIn(text) ?? `answered ${statusCode}`,
      this.#patienceOf(answer.headers['retry-after']),
    );
  }

  /** Reads token and certificates again before the next question. */
  forget(): void {
    if (this.#ready !== undefined) this.#ready = { ...this.#ready, at: Number.NEGATIVE_INFINITY };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools].map((pool) => pool.destroy()));
  }

  #pathOf({ path, query = {} }: Question): string {
    const prefix = this.#access.server.pathname.replace(/\/$/, '');
    const search = new URLSearchParams(query).toString();
    return `${prefix}${path}${search === '' ? '' : `?${search}`}`;
  }

  async #readied(): Promise<Ready> {
    const ready = this.#ready;
    if (ready !== undefined && this.#clock.now() - ready.at < this.#times.credentialsMs) {
      return ready;
    }
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<Ready> {
    const before = this.#ready;
    const at = this.#clock.now();
    try {
      const credentials = await this.#access.read();
      // A token is shown to nobody who could not be verified.
      const isSecure = this.#access.server.protocol === 'https:';
      const token = isSecure ? credentials.token : undefined;
      this.#ready = { ...this.#poolFor(credentials), token, at };
    } catch (error) {
      // What was good a minute ago may well be so still: the server knows.
      if (before === undefined) throw new ApiError(0, `token or certificates: ${messageOf(error)}`);
      this.#ready = { ...before, at };
    }
    return this.#ready;
  }

  #poolFor({ ca, cert, key }: Credentials): Pick<Ready, 'pool' | 'identity'> {
    const before = this.#ready;
    const identity = JSON.stringify([ca, cert, key]);
    if (before?.identity === identity) return before;
    if (before !== undefined) this.#retire(before.pool);
    const { serverName: servername } = this.#access;
    const pool = new Pool(this.#access.server.origin, {
      connect: {
        timeout: this.#times.connectMs,
        keepAlive: true,
        keepAliveInitialDelay,
        // What was agreed with an authority of old does not count.
        maxCachedSessions: 0,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(servername === undefined ? {} : { servername }),
      },
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout,
      // Deadlines are kept by who asks.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#pools.add(pool);
    return { pool, identity };
  }

  /** Watches end some day; nothing new is begun there. */
  #retire(pool: Pool): void {
    const gone = () => this.#pools.delete(pool);
    pool.close().then(gone, gone);
  }

  #unreachable(error: unknown): ApiError {
    // It may be for what it is trusted by.
    this.forget();
    return new ApiError(0, `${this.server} cannot be reached: ${messageOf(error)}`);
  }

  /** Whole seconds; a date is not sent by API servers. */
  #patienceOf(retryAfter: string | string[] | undefined): number | undefined {
    if (typeof retryAfter !== 'string' || !/^\d{1,9}$/.test(retryAfter)) return undefined;
    return Math.min(Number(retryAfter) * 1_000, this.#times.longestRetryAfterMs);
  }
}

/** Returns what a `Status` says; undefined where a text is none. */
function messageIn(text: string): string | undefined {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status !== 'object' || status === null || !('message' in status)) return undefined;
    return typeof status.message === 'string' ? status.message : undefined;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried in vain: the message of all of them is empty.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.message;
}
