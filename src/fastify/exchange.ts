import type { Failure } from '#core/exchange/failure';
import { takeWishOut } from '#core/exchange/take-wish-out';
import type { Refusal } from '#core/http1/refusal';
import { targetForm } from '#core/http1/target-form';
import { type AssignPorts, assign, newAssignment } from '#core/routing/assign';
import { reasonText } from '#core/routing/assignment';
import { refusesPath } from '#core/routing/encoded-slash';
import { redirectLocation } from '#core/routing/redirect-location';
import type { Endpoint, Route, Version } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import {
  type Answer,
  failureAnswer,
  ownOptionsAnswer,
  redirectAnswer,
  refusalAnswer,
} from './answer.ts';
import { Failed } from './failed.ts';
import type { Incoming } from './incoming.ts';
import type { Assigned } from './outgoing.ts';

/** Where a request went, and why: `request.turnout`. */
export interface Decision {
  /** Undefined where no route takes the request. */
  readonly route: string | undefined;
  /** Undefined where no version serves it: a redirect, or a failure. */
  readonly version: string | undefined;
  /** `override`, `audience:phones`, `sticky`, `split`, `fallback`; `none` without a version. */
  readonly reason: string;
  /** Where the unit was found, as the document says it: `header:x-user-id`. */
  readonly unitSource: string | undefined;
}

/** One request and its response, with the snapshot it took. */
export class Exchange {
  readonly method: string;
  readonly snapshot: Snapshot;
  readonly incoming: Incoming | undefined;
  readonly assignment = newAssignment();
  /** Instants of the monotonic clock, in milliseconds. `respondedAt`: 0 without an upstream head. */
  readonly startedAt: number;
  respondedAt = 0;
  route: Route | undefined;
  /** Undefined where no version is to be asked. */
  assigned: Assigned | undefined;
  /** The endpoint to try first. */
  endpoint: Endpoint | undefined;
  failure: Failure | undefined;
  isOver = false;
  readonly #controller = new AbortController();
  readonly #refusal: Refusal | undefined;

  constructor(method: string, snapshot: Snapshot, incoming: Incoming | Refusal, startedAt: number) {
    this.method = method;
    this.snapshot = snapshot;
    this.startedAt = startedAt;
    this.incoming = typeof incoming === 'string' ? undefined : incoming;
    this.#refusal = typeof incoming === 'string' ? incoming : undefined;
  }

  /** Aborted when the client has gone or the time is up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Matches and assigns. Returns an answer where no version is to be asked. */
  begin(ports: AssignPorts): Answer | undefined {
    const { incoming } = this;
    if (incoming === undefined) return this.#refused(this.#refusal ?? 'bad_request_line');
    const { head, facts } = incoming;
    if (head.targetForm === targetForm.asterisk || head.maxForwards === 0) return ownOptionsAnswer;
    const route = this.snapshot.find(facts);
    this.route = route;
    if (route === undefined) return this.fail('no_route');
    if (route.redirect !== undefined) return redirectOf(incoming, route);
    if (refusesPath(route, facts.path)) return this.#refused('encoded_slash');
    assign(route, facts, ports, this.assignment);
    const wish = takeWishOut(head, facts, route, incoming.isTrusted);
    this.assigned = { incoming, route, wish };
    const { version } = this.assignment;
    if (version === undefined) return this.fail('no_endpoint');
    return version.invalid === undefined ? undefined : this.fail('invalid_backend');
  }

  #refused(code: Refusal): Answer {
    this.failure = 'bad_request';
    return refusalAnswer(code);
  }

  /** Notes why no version answers; the first reason stays. */
  fail(code: Failure): Answer {
    this.failure ??= code;
    return failureAnswer(this.failure);
  }

  /** Ends what is under way upstream. */
  abort(code: Failure): void {
    this.failure ??= code;
    this.#controller.abort(new Failed(code, `the exchange was ended: ${code}`));
  }

  /** Goes over to the version that helps out. Returns false where there is none, or it was tried. */
  fallBack(): boolean {
    const { assignment, route } = this;
    const fallback = route?.fallback;
    if (fallback === undefined || fallback === assignment.version) return false;
    assignment.version = fallback;
    assignment.reason = 'fallback';
    return true;
  }

  get version(): Version | undefined {
    return this.assignment.version;
  }

  get decision(): Decision {
    const { assignment, route } = this;
    return {
      route: route?.name,
      version: assignment.version?.name,
      reason: reasonText(assignment),
      unitSource: route?.unit[assignment.unitSource]?.text,
    };
  }
}

function redirectOf(incoming: Incoming, route: Route): Answer | undefined {
  const { redirect, cuts } = route;
  if (redirect === undefined) return undefined;
  const { facts, forwardedPath, head } = incoming;
  const port = head.port === 0 ? undefined : head.port;
  const location = redirectLocation(redirect, cuts, facts, { port, forwardedPath });
  return redirectAnswer(redirect.status, location);
}
