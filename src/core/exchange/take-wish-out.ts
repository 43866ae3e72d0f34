import type { Facts } from '#core/conditions/facts';
import { field } from '#core/http1/field-id';
import type { RequestHead } from '#core/http1/request-head';
import { isToken } from '#core/routing/override-token';
import type { Route } from '#core/routing/route';

/** What takes the place of texts that held a token. */
export interface WithoutWish {
  /** Undefined where the query stays as it came. */
  readonly query: string | undefined;
  /** A line of cookies; '' where they stay as they came, or none is left. */
  readonly lines: string;
}

const asItCame: WithoutWish = { query: undefined, lines: '' };

/**
 * Takes a client's wish for a version out of its request once it has been heard: a token is a
 * matter between client and proxy, and an untrusted client's word must not reach a second
 * proxy that trusts this one. To be called once for a request, with the facts of its head.
 */
export function takeWishOut(
  head: RequestHead,
  facts: Facts,
  route: Route,
  isTrusted: boolean,
): WithoutWish {
  if (!isTrusted) dropId(head, field.xTurnoutOther);
  if (route.override === undefined) return asItCame;
  const { header, query, cookie } = route.override;
  if (header !== undefined) {
    const mayForward = route.trusts(facts.client) && !isToken(facts.header(header) ?? '');
    if (!mayForward) dropNamed(head, header);
  }
  return {
    query: query === undefined ? undefined : withoutToken(facts.query, '&', query),
    lines: cookie === undefined ? '' : takeCookieOut(head, facts, cookie),
  };
}

function takeCookieOut(head: RequestHead, facts: Facts, name: string): string {
  const rest = withoutToken(facts.header('cookie') ?? '', '; ', name);
  if (rest === undefined) return '';
  dropId(head, field.cookie);
  return rest === '' ? '' : `Cookie: ${rest}\r\n`;
}

/** Returns `name=value` pairs without those of a name that hold a token; undefined where none does. */
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
