import { field } from '#core/http1/field-id';
import type { RequestHead } from '#core/http1/request-head';
import { isToken } from '#core/routing/override-token';
import type { Route } from '#core/routing/route';
import type { Client } from './exchange.ts';

/**
 * A client's wish for a version, taken out of its request once it has been heard: a token is
 * a matter between client and proxy, and an untrusted client's word must not reach a second
 * proxy that trusts this one.
 */
export class Wish {
  /** The query without a token; undefined where it stays as it came. */
  query: string | undefined;
  /** The cookies without a token, as a line; '' where they stay as they came. */
  lines = '';

  /** Takes out what must not be forwarded, from a head whose rules have been asked. */
  takeOut(client: Client, route: Route): void {
    const { head, facts } = client;
    this.query = undefined;
    this.lines = '';
    if (!client.isTrusted) dropId(head, field.xTurnoutOther);
    const { override } = route;
    if (override === undefined) return;
    if (override.header !== undefined && !this.#mayForward(client, route, override.header)) {
      dropNamed(head, override.header);
    }
    if (override.query !== undefined && head.hasQuery) {
      this.query = withoutToken(facts.query, '&', override.query);
    }
    if (override.cookie !== undefined) this.#takeCookieOut(client, override.cookie);
  }

  #mayForward({ facts }: Client, route: Route, name: string): boolean {
    return route.trusts(facts.client) && !isToken(facts.header(name) ?? '');
  }

  #takeCookieOut({ head, facts }: Client, name: string): void {
    const cookies = facts.header('cookie');
    const rest = cookies === undefined ? undefined : withoutToken(cookies, '; ', name);
    if (rest === undefined) return;
    dropId(head, field.cookie);
    this.lines = rest === '' ? '' : `Cookie: ${rest}\r\n`;
  }
}

/** Returns `name=value` pairs without those of a name that hold a token; undefined without any. */
function withoutToken(text: string, separator: string, name: string): string | undefined {
  if (!text.includes(`${name}=v1.`)) return undefined;
  const pairs = text.split(separator);
  const kept = pairs.filter(
    (pair) => !(pair.startsWith(`${name}=`) && isToken(pair.slice(name.length + 1))),
  );
  return kept.length === pairs.length ? undefined : kept.join(separator);
}

function dropId(head: RequestHead, id: number): void {
  for (let index = 0; index < head.fieldCount; index++) {
    if (head.ids[index] === id) head.dropped[index] = 1;
  }
}

function dropNamed(head: RequestHead, name: string): void {
  for (let index = 0; index < head.fieldCount; index++) {
    if (head.lines.hasName(index, name)) head.dropped[index] = 1;
  }
}
