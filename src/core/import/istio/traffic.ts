import type { Tree } from '#core/document/tree';
import type { Report } from '../finding.ts';
import type { RouteBody } from '../imported-route.ts';
import { numberAt, placeOf, textAt, treeAt } from '../value.ts';
import { tellFields } from './fields.ts';
import { durationAt, goDurationMs } from './go-duration.ts';
import { percentAt } from './percentage.ts';

type Traffic = Pick<RouteBody, 'timeouts' | 'retries' | 'fault'>;

/** Returns what a route says of time, of what is tried again, and of trouble made on purpose. */
export function trafficOf(http: Tree, name: string, report: Report): Traffic {
  const total = durationAt(http, ['timeout']) ?? offAt(http);
  const firstByte = durationAt(http, ['retries', 'perTryTimeout']);
  const timeouts = {
    ...(firstByte === undefined ? {} : { firstByte }),
    ...(total === undefined ? {} : { total }),
  };
  const retries = retriesOf(http, name, report);
  const fault = faultOf(http, name, report);
  return {
    ...(Object.keys(timeouts).length === 0 ? {} : { timeouts }),
    ...(retries === undefined ? {} : { retries }),
    ...(fault === undefined ? {} : { fault }),
  };
}

function offAt(http: Tree): 'off' | undefined {
  const text = textAt(http, ['timeout']);
  return text !== undefined && goDurationMs(text) === 0 ? 'off' : undefined;
}

/** Answers by the words of `retryOn`. */
const statusesBy: Readonly<Record<string, readonly number[]>> = {
  '5xx': [500, 502, 503, 504],
  'gateway-error': [502, 503, 504],
  unavailable: [503],
};

/** What Turnout tries again anyway, where it is safe. */
const always: readonly string[] = [
  'connect-failure',
  'refused-stream',
  'reset',
  'reset-before-request',
  'cancelled',
  'retriable-status-codes',
];

function retriesOf(http: Tree, name: string, report: Report): RouteBody['retries'] {
  const retries = treeAt(http, ['retries']);
  if (retries === undefined) return undefined;
  tellFields(retries, 'HTTPRetry', name, report);
  const attempts = numberAt(retries, ['attempts']);
  if (attempts === 0) return 'off';
  const words = (textAt(retries, ['retryOn']) ?? '').split(',').map((word) => word.trim());
  for (const word of words) {
    if (word === '' || always.includes(word) || statusesOf(word).length > 0) continue;
    const message = `"${word}" of retryOn of ${name} is not translated: it is not tried again`;
    report({ code: 'TN6002', message, span: placeOf(retries, ['retryOn']) });
  }
  const statuses = [...new Set(words.flatMap(statusesOf))];
  return {
    attempts: Math.min(5, attempts ?? 2),
    ...(statuses.length === 0 ? {} : { statuses }),
  };
}

function statusesOf(word: string): readonly number[] {
  return statusesBy[word] ?? (/^(?:429|5\d\d)$/.test(word) ? [Number(word)] : []);
}

function faultOf(http: Tree, name: string, report: Report): RouteBody['fault'] {
  const fault = treeAt(http, ['fault']);
  if (fault === undefined) return undefined;
  const time = durationAt(fault, ['delay', 'fixedDelay']);
  const status = numberAt(fault, ['abort', 'httpStatus']);
  const isStatus = status !== undefined && status >= 400 && status <= 599;
  for (const [key, isSaid] of [
    ['delay', time !== undefined],
    ['abort', isStatus],
  ] as const) {
    if (treeAt(fault, [key]) === undefined || isSaid) continue;
    const message = `fault.${key} of ${name} is not translated: only fixedDelay and an httpStatus from 400 to 599 are`;
    report({ code: 'TN6002', message, span: placeOf(fault, [key]) });
  }
  const share = (key: string) => percentAt(fault, [key, 'percentage', 'value'], [key, 'percent']);
  const written = {
    ...(time === undefined ? {} : { delay: { time, percent: share('delay') } }),
    ...(isStatus ? { abort: { status, percent: share('abort') } } : {}),
  };
  return Object.keys(written).length === 0 ? undefined : written;
}
