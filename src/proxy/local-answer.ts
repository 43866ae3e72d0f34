import type { Failure } from '#core/exchange/failure';
import { type Refusal, refusals } from '#core/http1/refusal';
import type { RequestHead } from '#core/http1/request-head';
import { targetForm } from '#core/http1/target-form';
import { refusesPath } from '#core/routing/encoded-slash';
import type { Route } from '#core/routing/route';
import { handshakeRefusal, spokenVersion } from '#core/websocket/handshake';
import type { Answer } from './answer.ts';
import { redirectAnswer } from './redirect.ts';
import type { RequestFacts } from './request-facts.ts';

/** What the proxy answers to a request that it sends to nobody. */
export type LocalAnswer =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refusal'; readonly code: Refusal }
  | { readonly kind: 'failure'; readonly code: Failure; readonly detail: string };

/** The field of a 405, and of an answer to OPTIONS (RFC 9110 section 10.2.1). */
export const allowed = 'Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n';

/** Whether a question is to this proxy and nothing behind it (RFC 9110 sections 7.6.2 and 9.3.7). */
export function isForUs(head: RequestHead): boolean {
  const isAsterisk = head.targetForm === targetForm.asterisk;
  return isAsterisk || (head.method === 'OPTIONS' && head.maxForwards === 0);
}

/** Returns the answer to a request of this route if no version is to see it. */
export function localAnswer(
  head: RequestHead,
  facts: RequestFacts,
  route: Route | undefined,
): LocalAnswer | undefined {
  if (route === undefined) {
    return { kind: 'failure', code: 'no_route', detail: `${facts.host}${facts.path}` };
  }
  if (route.redirect !== undefined) {
    const port = head.port === 0 ? undefined : head.port;
    return { kind: 'answer', answer: redirectAnswer(route, facts, port) };
  }
  if (refusesPath(route, facts.path)) return { kind: 'refusal', code: 'encoded_slash' };
  if (!asksForTunnel(head, route)) return undefined;
  const code = handshakeRefusal(head);
  return code === undefined ? undefined : { kind: 'refusal', code };
}

/** Whether a request asks for a WebSocket and its route lets it. */
export function asksForTunnel(head: RequestHead, route: Route): boolean {
  return head.wantsUpgrade && route.allowsUpgrade;
}

/** Returns what an answer to a refused message must say beside why. */
export function linesOf(code: Refusal): string {
  if (code === 'bad_websocket_version') return spokenVersion;
  return refusals[code].status === 405 ? allowed : '';
}
