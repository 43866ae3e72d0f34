import { parseAddress } from '#core/address/parse-address';
import { durationText } from '../duration-text.ts';
import type { Report } from '../finding.ts';
import type { RouteBody, WrittenLimits, WrittenTimeouts } from '../imported-route.ts';
import type { Annotations } from './ingress.ts';

/** What ingress-nginx does where neither an Ingress nor its ConfigMap says anything. */
export const usual = {
  timeouts: { connect: '5s', firstByte: '60s', idle: '60s' },
  limits: { body: '1MiB' },
} as const;

type Settings = Pick<RouteBody, 'timeouts' | 'limits' | 'retries' | 'headers' | 'tls'>;

/** Returns what the annotations of a main Ingress say of how its services are spoken to. */
export function settingsOf(annotations: Annotations, report: Report): Settings {
  const timeouts = timeoutsOf(annotations, report);
  const limits = limitsOf(annotations, report);
  const retries = retriesOf(annotations, report);
  const forwarded = annotations.text('x-forwarded-prefix');
  const hasPrefix = forwarded !== undefined && annotations.text('rewrite-target') !== undefined;
  return {
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(limits === undefined ? {} : { limits }),
    ...(retries === undefined ? {} : { retries }),
    // The controller sets it only where it rewrites.
    ...(hasPrefix ? { headers: { request: { set: { 'x-forwarded-prefix': forwarded } } } } : {}),
  };
}

function timeoutsOf(annotations: Annotations, report: Report): WrittenTimeouts | undefined {
  const connect = seconds(annotations, 'proxy-connect-timeout', report);
  const read = seconds(annotations, 'proxy-read-timeout', report);
  const send = seconds(annotations, 'proxy-send-timeout', report);
  const usualIdleMs = 60_000;
  const idleMs =
    read === undefined && send === undefined ? undefined : Math.max(read ?? usualIdleMs, send ?? 0);
  const written = {
    ...said('connect', connect),
    ...said('firstByte', read),
    ...said('idle', idleMs),
  };
  return Object.keys(written).length === 0 ? undefined : written;
}

function said(key: string, ms: number | undefined): Readonly<Record<string, string>> {
  const text = ms === undefined ? undefined : durationText(ms);
  return text === undefined ? {} : { [key]: text };
}

/** Milliseconds. The annotation has no unit: seconds. */
function seconds(annotations: Annotations, name: string, report: Report): number | undefined {
  const text = annotations.text(name);
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : 0;
  if (durationText(ms) !== undefined) return ms;
  report({
    code: 'TN6009',
    message: `${name} must be a whole number of seconds above 0; the usual time counts`,
    span: annotations.span(name),
  });
  return undefined;
}

const sizeUnits: Readonly<Record<string, string>> = { '': 'B', k: 'KiB', m: 'MiB', g: 'GiB' };

function limitsOf(annotations: Annotations, report: Report): WrittenLimits | undefined {
  const text = annotations.text('proxy-body-size');
  if (text === undefined) return undefined;
  const [, count = '', unit = ''] = /^(\d{1,9})([kmg]?)$/i.exec(text) ?? [];
  if (count !== '') {
    return {
      body: Number(count) === 0 ? 'off' : `${Number(count)}${sizeUnits[unit.toLowerCase()]}`,
    };
  }
  report({
    code: 'TN6009',
    message: 'proxy-body-size must be a size such as 8m; 1 MiB counts',
    span: annotations.span('proxy-body-size'),
  });
  return undefined;
}

/** Words of `proxy_next_upstream` that are done anyway, where it is safe. */
const always: readonly string[] = ['error', 'timeout', 'invalid_header'];

function retriesOf(annotations: Annotations, report: Report): RouteBody['retries'] {
  const words = annotations.text('proxy-next-upstream')?.split(/\s+/) ?? [];
  if (words.includes('off')) return 'off';
  const attempts = attemptsOf(annotations.number('proxy-next-upstream-tries'));
  const statuses = words.map(statusIn).filter((status) => status !== undefined);
  for (const word of words) {
    if (always.includes(word) || statusIn(word) !== undefined) continue;
    report({
      code: 'TN6002',
      message: `"${word}" of proxy-next-upstream is not translated: it is not tried again`,
      span: annotations.span('proxy-next-upstream'),
    });
  }
  if (attempts === undefined && statuses.length === 0) return undefined;
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(statuses.length === 0 ? {} : { statuses }),
  };
}

const mostAttempts = 5;

/** Tries count the first one; 0 is without end. */
function attemptsOf(tries: number | undefined): number | undefined {
  if (tries === undefined || tries < 0) return undefined;
  return tries === 0 ? mostAttempts : Math.min(mostAttempts, tries - 1);
}

function statusIn(word: string): number | undefined {
  const [, status] = /^http_(429|5\d\d)$/.exec(word) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** How a service is spoken to; undefined: in a way that Turnout does not speak. */
export interface Upstream {
  readonly scheme: 'http' | 'https';
  readonly tls: RouteBody['tls'];
}

export function upstreamOf(annotations: Annotations, report: Report): Upstream | undefined {
  const protocol = (annotations.text('backend-protocol') ?? 'HTTP').toUpperCase();
  if (protocol === 'HTTP' || protocol === 'AUTO_HTTP') return { scheme: 'http', tls: undefined };
  if (protocol !== 'HTTPS') {
    report({
      code: 'TN6004',
      message: `backend-protocol ${protocol} is not spoken: the route answers 503`,
      span: annotations.span('backend-protocol'),
    });
    return undefined;
  }
  const name = annotations.text('proxy-ssl-name');
  const isName = name !== undefined && parseAddress(name) === undefined && !name.includes('$');
  if (annotations.text('proxy-ssl-verify') !== 'on') {
    report({
      code: 'TN6006',
      message:
        'ingress-nginx does not verify the certificates of services; Turnout does, and answers 502 where it cannot',
      hint: 'tls: {ca: …} names the file of their authority; tls: {verify: false} believes anybody',
      span: annotations.span('backend-protocol'),
    });
  }
  return { scheme: 'https', tls: isName ? { serverName: name } : undefined };
}
