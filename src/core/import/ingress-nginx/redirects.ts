import { isHostName } from '#core/conditions/host-pattern';
import type { Report } from '../finding.ts';
import type { RouteBody } from '../imported-route.ts';
import type { Annotations } from './ingress.ts';

type Redirect = NonNullable<RouteBody['redirect']>;
type Status = NonNullable<Redirect['status']>;

const statuses: readonly number[] = [301, 302, 303, 307, 308];

/** Permanently, with method and body: what the controller answers http with. */
export const toHttps: RouteBody = { redirect: { scheme: 'https', status: 308 } };

/** A place that all requests of a path are sent to; `unsayable`: there is one that cannot be said. */
export function redirectOf(
  annotations: Annotations,
  report: Report,
): RouteBody | 'unsayable' | undefined {
  // The controller lets the temporal one win.
  for (const [name, code, usual] of [
    ['temporal-redirect', 'temporal-redirect-code', 302],
    ['permanent-redirect', 'permanent-redirect-code', 301],
  ] as const) {
    const url = annotations.text(name);
    if (url === undefined) continue;
    const place = isPath(url) ? { path: { full: url } } : placeIn(url);
    if (place === undefined) {
      report({
        code: 'TN6004',
        message: `${name} is no plain URL or path: the route answers 503 until you write it`,
        span: annotations.span(name),
      });
      return 'unsayable';
    }
    return { redirect: { ...place, status: statusOf(annotations, code, usual, report) } };
  }
  return undefined;
}

function statusOf(annotations: Annotations, name: string, usual: Status, report: Report): Status {
  const written = annotations.number(name);
  if (written === undefined) return usual;
  if (isStatus(written)) return written;
  report({
    code: 'TN6009',
    message: `${name} must be one of ${statuses.join(', ')}; ${usual} counts`,
    span: annotations.span(name),
  });
  return usual;
}

function isStatus(status: number): status is Status {
  return statuses.includes(status);
}

function isPath(text: string): boolean {
  return /^\/(?!\/)[^?#$\s]*$/.test(text);
}

/** Returns the parts of a URL without variables; one that ends in `$request_uri` keeps the path. */
export function placeIn(url: string): Omit<Redirect, 'status'> | undefined {
  const shape = /^(https?):\/\/([^/:?#$]+)(?::(\d{1,5}))?(\/[^?#$\s]*|\$request_uri)?$/i;
  const [, scheme = '', host = '', port, path] = shape.exec(url) ?? [];
  if (!isHostName(host)) return undefined;
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host: host.toLowerCase(),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(path === '$request_uri' ? {} : { path: { full: path ?? '/' } }),
  };
}
