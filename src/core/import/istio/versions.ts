import type { Tree } from '#core/document/tree';
import { allMethods } from '../all-methods.ts';
import type { Report } from '../finding.ts';
import type { RouteBody, WrittenVersion } from '../imported-route.ts';
import { Names } from '../names.ts';
import { scaledWeights } from '../scaled-weights.ts';
import { listAt, numberAt, placeOf, treeAt } from '../value.ts';
import { type Destination, type DestinationContext, destinationOf } from './destinations.ts';
import { editsOf } from './edits.ts';
import { tellFields } from './fields.ts';
import { percentAt } from './percentage.ts';

/** The versions of a route, and where they lead. */
export interface Versions {
  readonly body: RouteBody;
  readonly destinations: readonly Destination[];
}

interface Weighed {
  readonly destination: Destination;
  readonly version: WrittenVersion;
  weight: number;
}

/** Returns the versions of a route; undefined, and told, where one of them cannot be said. */
export function versionsOf(
  http: Tree,
  name: string,
  context: DestinationContext,
): Versions | undefined {
  const { report } = context;
  const weighed = weighedIn(http, context);
  if (weighed === undefined) return undefined;
  const copied = mirrorIn(http, name, context);
  const copies = copied?.destination;
  const all = [...weighed.map(({ destination }) => destination), ...(copies ? [copies] : [])];
  const podLabel = podLabelOf(all, name, report);
  if (podLabel === 'several' || all.some(({ version }) => version === undefined)) return undefined;
  const names = new Names();
  const written: Record<string, WrittenVersion> = {};
  const nameOf = new Map<string, string>();
  const weights = scaledWeights(weighed.map(({ weight }) => weight));
  for (const [index, { destination, version }] of weighed.entries()) {
    const own = names.give(destination.name);
    nameOf.set(destination.key, own);
    const weight = weighed.length === 1 ? {} : { weight: weights[index] ?? 0 };
    written[own] = { ...labelled(version, destination, own), ...weight };
  }
  const mirror = copied && mirrorBody(copied, written, nameOf, names);
  return {
    destinations: weighed.map(({ destination }) => destination),
    body: {
      versions: written,
      ...(podLabel === undefined ? {} : { versionFrom: { podLabel } }),
      ...(mirror === undefined ? {} : { mirror }),
    },
  };
}

/** Destinations with their weights, each once; undefined where one names no host. */
function weighedIn(http: Tree, context: DestinationContext): readonly Weighed[] | undefined {
  const routes = listAt(http, ['route']);
  const found = new Map<string, Weighed>();
  for (const route of routes) {
    tellFields(route, 'HTTPRouteDestination', 'a destination', context.report);
    const tree = treeAt(route, ['destination']);
    const destination = tree && destinationOf(tree, context);
    if (destination === undefined) return undefined;
    const weight = numberAt(route, ['weight']) ?? (routes.length === 1 ? 100 : 0);
    const known = found.get(destination.key);
    if (known !== undefined) {
      known.weight += weight;
      continue;
    }
    const headers = editsOf(treeAt(route, ['headers']), context.report);
    const version = { ...destination.version, ...(headers === undefined ? {} : { headers }) };
    found.set(destination.key, { destination, version, weight });
  }
  return found.size === 0 ? undefined : [...found.values()];
}

/** One label tells the versions of a route apart. */
function podLabelOf(
  destinations: readonly Destination[],
  name: string,
  report: Report,
): string | 'several' | undefined {
  const keys = new Set(
    destinations.map(({ podLabel }) => podLabel).filter((key) => key !== undefined),
  );
  const [first, second] = keys;
  if (second === undefined) return first;
  report({
    code: 'TN6004',
    message: `the subsets of ${name} differ in ${[...keys].join(' and ')}: one label tells versions apart; the route answers 503`,
    span: destinations[0]?.span ?? { start: 0, end: 1 },
  });
  return 'several';
}

/** A version whose name had to be another one says which label its pods have. */
function labelled(version: WrittenVersion, { name }: Destination, own: string): WrittenVersion {
  const { service } = version;
  if (service === undefined || own === name || service.label !== undefined) return version;
  return { ...version, service: { ...service, label: name } };
}

interface Copied {
  readonly destination: Destination;
  readonly percent: string;
}

function mirrorIn(http: Tree, name: string, context: DestinationContext): Copied | undefined {
  const several = listAt(http, ['mirrors']);
  const [first, ...others] = several;
  for (const other of others) {
    const message = `a further mirror of ${name} is left out: a route has one`;
    context.report({ code: 'TN6005', message, span: placeOf(other) });
  }
  const tree = first === undefined ? treeAt(http, ['mirror']) : treeAt(first, ['destination']);
  const destination = tree && destinationOf(tree, context);
  if (destination === undefined) return undefined;
  const percent =
    first === undefined
      ? percentAt(http, ['mirrorPercentage', 'value'], ['mirrorPercent'])
      : percentAt(first, ['percentage', 'value']);
  return { destination, percent };
}

function mirrorBody(
  { destination, percent }: Copied,
  written: Record<string, WrittenVersion>,
  nameOf: ReadonlyMap<string, string>,
  names: Names,
): RouteBody['mirror'] {
  let to = nameOf.get(destination.key);
  if (to === undefined) {
    to = names.give(destination.name);
    written[to] = { ...labelled({ ...destination.version }, destination, to), weight: 0 };
  }
  return { to, percent, methods: allMethods };
}
