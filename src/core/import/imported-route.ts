import type * as z from 'zod';
import type { routeSchema } from '#core/document/document-schema';
import type { Span } from '#core/document/finding';

/** A condition as it is written in a document. */
export type WrittenCondition = Readonly<Record<string, unknown>>;

type Written = z.input<typeof routeSchema>;

/** What a route says beside its name and whom it takes, as it is written in a document. */
export type RouteBody = Omit<Written, 'name' | 'match'>;
export type WrittenVersion = NonNullable<Written['versions']>[string];
export type WrittenAudience = NonNullable<Written['audiences']>[number];
export type WrittenTimeouts = NonNullable<Written['timeouts']>;
export type WrittenLimits = NonNullable<Written['limits']>;
export type WrittenHeaders = NonNullable<Written['headers']>;

/** One route of the new document, and where it comes from. */
export interface ImportedRoute {
  /** A wish: it is made one of a kind, and a name that a route may have. */
  readonly name: string;
  /** Lines that stand above it. */
  readonly comments: readonly string[];
  /** What it was translated from. */
  readonly span: Span;
  /** Empty: every host. */
  readonly hosts: readonly string[];
  /** What must hold beside the host; undefined: nothing. */
  readonly where: WrittenCondition | undefined;
  readonly body: RouteBody;
}

/** What is translated of a text: routes, those of one host in the order in which they are asked. */
export interface Imported {
  readonly routes: readonly ImportedRoute[];
  /** What holds for all of them. */
  readonly defaults:
    | z.input<typeof import('#core/document/document-schema').defaultsSchema>
    | undefined;
  /** Lines that stand above all. */
  readonly comments: readonly string[];
}

/** Returns a condition that asks for two things at once. */
export function both(
  a: WrittenCondition | undefined,
  b: WrittenCondition | undefined,
): WrittenCondition | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Object.keys(a).some((key) => key in b) ? { all: [a, b] } : { ...a, ...b };
}

/** Nobody listens there, and no name has to be looked up. */
const nowhere = 'http://127.0.0.1:9';

/** Status of a route that answers because what it does cannot be said. */
export const closedStatus = 503;

/** Returns the body of a route that answers with a status of its own, and asks nobody. */
export function answering(status: number): RouteBody {
  return { versions: { none: { url: nowhere } }, fault: { abort: { status } } };
}

export const closedText = 'Answers 503: what it does cannot be said here.';

/** Whether a route is closed, by `answering(closedStatus)`. */
export function isClosed({ versions, fault }: RouteBody): boolean {
  return versions?.none?.url === nowhere && fault?.abort?.status === closedStatus;
}

/** Returns the salt of all routes of one object: whoever gets a version by one gets it by the others. */
export function saltOf(owner: string): string {
  return owner.slice(0, longestSalt);
}

const longestSalt = 256;
