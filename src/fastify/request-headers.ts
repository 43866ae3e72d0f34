import { validHost } from '#core/http1/host-value';
import type { Endpoint, Route, Version } from '#core/routing/route';
import { edited, type Field } from './header-edits.ts';
import type { Incoming } from './incoming.ts';

/** Written anew, whatever the client said; `trailer` because trailers are not forwarded. */
const written: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'expect',
  'trailer',
  'max-forwards',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
]);

/** Returns the fields of a request as its version gets them, names and values in turn. */
export function requestHeaders(
  incoming: Incoming,
  route: Route,
  version: Version,
  endpoint: Endpoint,
  contentLength: number | undefined,
): string[] {
  const { head } = incoming;
  const fields = [
    ...kept(incoming, route),
    ...forwardedFields(incoming),
    ['via', '1.1 turnout'] as const,
  ];
  if (head.maxForwards > 0) fields.push(['max-forwards', String(head.maxForwards - 1)]);
  const host = route.rewrite?.host ?? (head.authorityText() || endpoint.authority);
  const own: Field[] = [['host', host]];
  if (contentLength !== undefined) own.push(['content-length', String(contentLength)]);
  return [...own, ...edited(fields, version.requestHeaders)].flat();
}

/** What the client said, without what is ours to say and without a wish nobody believes. */
function kept({ head, facts }: Incoming, route: Route): Field[] {
  const { lines } = head;
  const wish = route.trusts(facts.client) ? undefined : route.override?.header;
  const fields: Field[] = [];
  for (let index = 0; index < lines.count; index++) {
    if (lines.dropped[index] !== 0) continue;
    const name = lines.name(index);
    if (!written.has(name) && name !== wish) fields.push([name, lines.value(index)]);
  }
  return fields;
}

/** A trusted proxy is added to the list; what it says besides stays, if it is one valid value. */
function forwardedFields({ head, peer, isTrusted, isHttps }: Incoming): Field[] {
  const said = (name: string, isValid: (text: string) => boolean): string | undefined => {
    const text = isTrusted ? head.fieldText(name) : undefined;
    return text !== undefined && isValid(text) ? text : undefined;
  };
  const before = isTrusted ? head.fieldText('x-forwarded-for') : undefined;
  const host = said('x-forwarded-host', validHost) ?? head.authorityText();
  const scheme = isHttps ? 'https' : 'http';
  const impliedPort = head.port || (isHttps ? 443 : 80);
  const fields: Field[] = [
    ['x-forwarded-for', before === undefined || before === '' ? peer : `${before}, ${peer}`],
    ['x-forwarded-proto', said('x-forwarded-proto', (text) => /^https?$/i.test(text)) ?? scheme],
    [
      'x-forwarded-port',
      said('x-forwarded-port', (text) => /^\d{1,5}$/.test(text)) ?? String(impliedPort),
    ],
  ];
  if (host !== '') fields.push(['x-forwarded-host', host]);
  return fields;
}
