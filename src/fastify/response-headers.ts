import type { IncomingHttpHeaders } from 'node:http';
import type { AssignPorts } from '#core/routing/assign';
import type { Assignment } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import { issuedCookie, linkCookie, stickyCookie } from '#core/routing/set-cookie';
import { editsOf, type Field } from './header-edits.ts';

/** RFC 9110 section 7.6.1: what is between the version and us only. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** What a version cannot remove by naming it in Connection. */
const neverNominated: ReadonlySet<string> = new Set(['content-length', 'set-cookie', 'via']);

/** Returns the fields of a version's response as the client gets them. */
export function responseHeaders(
  received: IncomingHttpHeaders,
  assignment: Assignment,
  cookies: readonly string[],
): IncomingHttpHeaders {
  const nominated = nominatedBy(received);
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined || hopByHop.has(name) || nominated.has(name)) continue;
    for (const line of Array.isArray(value) ? value : [value]) fields.push([name, line]);
  }
  fields.push(['via', '1.1 turnout']);
  const { drop, added } = editsOf(assignment.version?.responseHeaders);
  const kept = fields.filter(([name]) => !drop.has(name));
  return grouped([...kept, ...added, ...cookies.flatMap(cookieFields)]);
}

/** Nobody else may be given an answer that names this client. */
function cookieFields(cookie: string): readonly Field[] {
  return [
    ['set-cookie', cookie],
    ['cache-control', 'private'],
  ];
}

/** Returns the Set-Cookie values that an answer of the assigned version carries. */
export function assignmentCookies(
  route: Route,
  assignment: Assignment,
  ports: AssignPorts,
  isHttps: boolean,
): readonly string[] {
  const { assigned, link, version, minted, remember, unit } = assignment;
  const cookies: string[] = [];
  if (minted) cookies.push(issuedCookie(unit, isHttps));
  // Whoever was only helped out by another version is not bound to it.
  if (remember && version !== undefined && version === assigned) {
    const cookie = stickyCookie(route, version, ports, isHttps);
    if (cookie !== undefined) cookies.push(cookie);
  }
  const cookie = link === '' ? undefined : linkCookie(route, link, ports.epochMs(), isHttps);
  if (cookie !== undefined) cookies.push(cookie);
  return cookies;
}

function nominatedBy({ connection }: IncomingHttpHeaders): ReadonlySet<string> {
  // undici gives a list where a name was repeated; Node's type does not know it.
  const names = String(connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => !neverNominated.has(name)));
}

function grouped(fields: readonly Field[]): IncomingHttpHeaders {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const lines = values.get(key);
    if (lines === undefined) values.set(key, [value]);
    else lines.push(value);
  }
  const headers: IncomingHttpHeaders = {};
  for (const [name, lines] of values) {
    // Not by assignment: a field may be called `__proto__`.
    const value = lines.length === 1 ? lines[0] : lines;
    Object.defineProperty(headers, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return headers;
}
