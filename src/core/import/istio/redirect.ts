import type { Tree } from '#core/document/tree';
import type { RouteBody } from '../imported-route.ts';
import { numberAt, textAt } from '../value.ts';

type Redirect = NonNullable<RouteBody['redirect']>;
type Status = NonNullable<Redirect['status']>;

const statuses: readonly number[] = [301, 302, 303, 307, 308];

/** Returns the redirect of a route; undefined where it cannot be said. */
export function redirectOf(redirect: Tree): RouteBody | undefined {
  const status = numberAt(redirect, ['redirectCode']) ?? 301;
  const uri = textAt(redirect, ['uri']);
  const scheme = textAt(redirect, ['scheme']) ?? 'as asked';
  const authority = authorityAt(redirect);
  if (!isStatus(status) || uri?.includes('%') || authority === undefined) return undefined;
  if (!['as asked', 'http', 'https'].includes(scheme)) return undefined;
  return {
    redirect: {
      ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
      ...authority,
      ...(uri === undefined ? {} : { path: { full: uri } }),
      status,
    },
  };
}

/** Returns host and port; undefined where there is an authority that is none. */
function authorityAt(redirect: Tree): Pick<Redirect, 'host' | 'port'> | undefined {
  const authority = textAt(redirect, ['authority']);
  const own = numberAt(redirect, ['port']);
  const port = own === undefined ? {} : { port: own };
  if (authority === undefined) return port;
  const [, host, digits] = /^([^:]+)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  if (host === undefined) return undefined;
  return { host, ...(digits === undefined ? {} : { port: Number(digits) }), ...port };
}

function isStatus(status: number): status is Status {
  return statuses.includes(status);
}
