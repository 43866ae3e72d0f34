import type { Facts } from '#core/conditions/facts';
import type { Scheme } from '#core/conditions/when';
import type { RequestHead } from '#core/http1/request-head';

/**
 * The facts of the request whose head was scanned last. What needs text is made when it is
 * asked for.
 */
export class RequestFacts implements Facts {
  method = '';
  host = '';
  path = '';
  client = '';
  scheme: Scheme = 'http';
  /** The path as it is forwarded, before any rewrite. */
  forwardedPath = '';
  readonly #head: RequestHead;

  constructor(head: RequestHead) {
    this.#head = head;
  }

  get query(): string {
    return this.#head.queryText();
  }

  /** Reads what is looked at for nearly every request. */
  take(client: string, scheme: Scheme): void {
    const head = this.#head;
    this.method = head.method;
    this.host = head.hostText();
    this.forwardedPath = head.forwardedPath();
    this.path = head.matchedPath(this.forwardedPath);
    this.client = client;
    this.scheme = scheme;
  }

  header(name: string): string | undefined {
    return this.#head.fieldText(name);
  }

  cookie(name: string): string | undefined {
    return this.#head.cookie(name);
  }
}
