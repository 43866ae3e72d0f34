import type { Audience, Route, Split } from '#core/routing/route';
import { percentText } from '#core/snapshot/percent-text';
import type { Snapshot } from '#core/snapshot/snapshot';
import { factsOf } from './request-facts.ts';
import { described, merged, type SampleRequest, sampleRequest } from './sample-request.ts';

/** Something to try at a prompt, and what it shows. */
export interface Try {
  readonly route: Route;
  readonly request: SampleRequest;
  /** What decides; undefined for the weights. */
  readonly audience: Audience | undefined;
  readonly shows: string;
}

const maxRoutes = 5;

/**
 * Returns something to try for each kind of rule a document has. What another route or an
 * earlier audience takes away is left out: nothing is shown that would not do what it says.
 */
export function triesOf(snapshot: Snapshot): readonly Try[] {
  const tries = snapshot.routes.slice(0, maxRoutes).flatMap(triesOfRoute);
  return tries.filter((one) => isTaken(one, snapshot));
}

function isTaken({ route, request, audience }: Try, snapshot: Snapshot): boolean {
  const { facts } = factsOf(described(request), snapshot.fieldNames);
  if (facts === undefined || snapshot.find(facts) !== route) return false;
  const first = route.audiences.find(({ split, holds }) => split !== undefined && holds(facts));
  return audience === undefined || first === audience;
}

function triesOfRoute(route: Route): Try[] {
  const base = sampleRequest(route.rule.match);
  if (base === undefined) return [];
  const shows =
    route.redirect === undefined
      ? `${route.name}: ${sharesOf(route.split)}`
      : `${route.name}: a redirect`;
  const plain: Try = { route, request: base, audience: undefined, shows };
  return [
    plain,
    ...sameUser(route, base),
    ...route.audiences.flatMap((one) => byAudience(route, one, base)),
    ...byOverride(route, base),
  ];
}

function sharesOf({ versions, weights, totalWeight }: Split): string {
  if (versions.length === 0) return 'no version takes anybody';
  const shares = [...weights].map((weight) => percentText(weight / totalWeight));
  return versions.map(({ name }, i) => `${name} ${shares[i]}`).join(', ');
}

function sameUser(route: Route, base: SampleRequest): Try[] {
  const source = route.unit.find(({ kind }) => kind !== 'issue');
  if (source === undefined || source.kind === 'issue' || route.split.versions.length < 2) return [];
  const places = { header: 'headers', cookie: 'cookies', query: 'query' } as const;
  const request = merged(base, { [places[source.kind]]: [[source.name, '4711']] });
  return [{ route, request, audience: undefined, shows: 'the same user, always the same version' }];
}

function byAudience(route: Route, audience: Audience, base: SampleRequest): Try[] {
  const own = sampleRequest(route.rule.audiences[audience.index]?.when);
  if (own === undefined || audience.split === undefined) return [];
  const shows = `audience ${audience.name}: ${sharesOf(audience.split)}`;
  return [{ route, request: merged(base, own), audience, shows }];
}

/** Without a signature only where this machine is trusted. */
function byOverride(route: Route, base: SampleRequest): Try[] {
  const { header, query } = route.override ?? {};
  const version = route.versions.findLast(({ state }) => state !== 'disabled');
  if (version === undefined || !route.trusts('127.0.0.1')) return [];
  const own: SampleRequest | undefined =
    header !== undefined
      ? { headers: [[header, version.name]] }
      : query !== undefined
        ? { query: [[query, version.name]] }
        : undefined;
  if (own === undefined) return [];
  const shows = `override: ${version.name}, whatever the rest says`;
  return [{ route, request: merged(base, own), audience: undefined, shows }];
}
