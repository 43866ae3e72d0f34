import { redirectLocation } from '#core/routing/redirect-location';
import type { Route } from '#core/routing/route';
import type { Answer } from './answer.ts';
import type { RequestFacts } from './request-facts.ts';

/** Returns the answer of a route that sends its clients elsewhere. */
export function redirectAnswer(
  route: Route,
  facts: RequestFacts,
  port: number | undefined,
): Answer {
  const { redirect, cuts } = route;
  if (redirect === undefined) throw new TypeError(`route ${route.name} has no redirect`);
  const { forwardedPath } = facts;
  const location = redirectLocation(redirect, cuts, facts, {
    port,
    forwardedPath,
  });
  return { status: redirect.status, lines: `Location: ${location}\r\n` };
}
