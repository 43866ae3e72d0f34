import type { RouteRule } from '#core/routing/rules';

/** A rules document, read and checked: no later code asks again whether it is right. */
export interface Document {
  readonly apiVersion: 'turnout/v1';
  readonly routes: readonly RouteRule[];
}
