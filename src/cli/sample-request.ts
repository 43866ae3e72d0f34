import type { Device, Test, When } from '#core/conditions/when';
import type { DescribedRequest } from './request-facts.ts';

/** A request made up so that a condition holds. Texts are as a person would type them. */
export interface SampleRequest {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: readonly Field[];
  readonly cookies?: readonly Field[];
  readonly query?: readonly Field[];
  readonly userAgent?: string;
}

type Field = readonly [name: string, value: string];

/** A User-Agent as such a device sends it. */
const userAgents: Readonly<Record<Device, string>> = {
  desktop: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  mobile: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148',
  tablet: 'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X)',
  tv: 'Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0)',
  bot: 'Googlebot/2.1',
  other: 'curl/8.0',
};

const userAgentOfOs: Readonly<Record<string, string>> = {
  windows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0',
  macos: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15) Firefox/140.0',
  linux: userAgents.desktop,
  ios: userAgents.mobile,
  android: 'Mozilla/5.0 (Linux; Android 16) Mobile Firefox/140.0',
};

/** What each part of a condition asks of a request; undefined where that is not easily made up. */
const parts: readonly ((when: When) => SampleRequest | undefined)[] = [
  ({ method: [method] = [] }) => (method === undefined ? {} : { method }),
  ({ host: [host] = [] }) => (host === undefined ? {} : { host: host.replace(/^\*\./, 'www.') }),
  ({ path: [test] = [] }) => {
    const path = test?.exact ?? test?.prefix;
    if (test === undefined) return {};
    return path === undefined ? undefined : { path };
  },
  ({ header }) => wrapped('headers', fields(header)),
  ({ query }) => wrapped('query', fields(query)),
  ({ cookie }) => wrapped('cookies', fields(cookie)),
  ({ language: [language] = [] }) =>
    language === undefined ? {} : { headers: [['accept-language', language]] },
  (when) => {
    const userAgent = userAgentOf(when);
    if (userAgent === '') return {};
    return userAgent === undefined ? undefined : { userAgent };
  },
  ({ all }) => mergeAll((all ?? []).map(sampleRequest)),
  ({ any }) => (any === undefined ? {} : firstOf(any.map(sampleRequest))),
  ({ scheme }) => (scheme?.includes('http') === false ? undefined : {}),
  ({ not, client, browser }) => ((not ?? client ?? browser) === undefined ? {} : undefined),
];

/**
 * Returns a request for which a condition holds, or undefined where none is easily made up:
 * for a regular expression, a negation, another client's address, or one with TLS.
 */
export function sampleRequest(when: When | undefined): SampleRequest | undefined {
  return when === undefined ? {} : mergeAll(parts.map((part) => part(when)));
}

/** Returns a request in the words of its bytes, as curl on this machine would send it. */
export function described(request: SampleRequest): DescribedRequest {
  const { method = 'GET', host = 'localhost', path = '/', query = [], userAgent } = request;
  const headers = (request.headers ?? []).map((field) => field.join(': '));
  const cookies = (request.cookies ?? []).map((pair) => pair.join('='));
  if (cookies.length > 0) headers.push(`cookie: ${cookies.join('; ')}`);
  headers.push(`user-agent: ${userAgent ?? 'curl/8.0'}`);
  const target = targetOf(path, query);
  return { scheme: 'http', method, authority: host, target, headers, client: '127.0.0.1' };
}

/** Returns path and query as they stand in a URL. */
export function targetOf(path: string, query: readonly Field[]): string {
  const pairs = query.map((pair) => pair.map(encodeURIComponent).join('='));
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** Returns a request that is both; what the second one says counts. */
export function merged(one: SampleRequest, other: SampleRequest): SampleRequest {
  return {
    ...one,
    ...other,
    headers: [...(one.headers ?? []), ...(other.headers ?? [])],
    cookies: [...(one.cookies ?? []), ...(other.cookies ?? [])],
    query: [...(one.query ?? []), ...(other.query ?? [])],
  };
}

function firstOf(requests: readonly (SampleRequest | undefined)[]): SampleRequest | undefined {
  return requests.find((request) => request !== undefined);
}

function mergeAll(requests: readonly (SampleRequest | undefined)[]): SampleRequest | undefined {
  let all: SampleRequest = {};
  for (const request of requests) {
    if (request === undefined) return undefined;
    all = merged(all, request);
  }
  return all;
}

function wrapped(
  name: 'headers' | 'query' | 'cookies',
  list: readonly Field[] | undefined,
): SampleRequest | undefined {
  return list === undefined ? undefined : { [name]: list };
}

/** A value for each name; undefined where one cannot be made up. */
function fields(
  tests: Readonly<Record<string, readonly Test[]>> | undefined,
): readonly Field[] | undefined {
  const all: Field[] = [];
  for (const [name, list] of Object.entries(tests ?? {})) {
    if (list.some((test) => test.present === false)) continue;
    const value = firstValue(list);
    if (value === undefined) return undefined;
    all.push([name, value]);
  }
  return all;
}

function firstValue(tests: readonly Test[]): string | undefined {
  return tests
    .map(({ exact, prefix, suffix, contains, present }) => {
      return exact ?? prefix ?? suffix ?? contains ?? (present === true ? '1' : undefined);
    })
    .find((text) => text !== undefined);
}

/** '' where none is asked for; undefined where none can be made up. */
function userAgentOf({ userAgent, device, os }: When): string | undefined {
  if (userAgent !== undefined) return firstValue(userAgent);
  if (os !== undefined) return userAgentOfOs[os[0]?.toLowerCase() ?? ''];
  const [first] = device ?? [];
  return first === undefined ? '' : userAgents[first];
}
