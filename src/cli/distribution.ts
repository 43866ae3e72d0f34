import { bytesOf, textOf } from '#core/conditions/byte-text';
import type { Facts } from '#core/conditions/facts';
import { type AssignPorts, assign, newAssignment } from '#core/routing/assign';
import { reasonText } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import { madeUpUnits } from '#core/snapshot/movement';
import { percentText } from '#core/snapshot/percent-text';

/** What versions many made-up users of one route get. */
export interface Distribution {
  readonly route: string;
  readonly count: number;
  /** Where the users' ids were put; `chance` where the request has none. */
  readonly by: string;
  /** In document order; versions that nobody gets too. */
  readonly versions: readonly {
    /** Undefined where no version takes the request. */
    readonly version: string | undefined;
    readonly count: number;
    readonly share: number;
    readonly reasons: Readonly<Record<string, number>>;
  }[];
}

/** Assigns the same request for many users: all is as described but for the first unit source. */
export function distribution(
  route: Route,
  facts: Facts,
  ports: AssignPorts,
  count: number,
): Distribution {
  const source = route.unit.find(({ kind }) => kind !== 'issue');
  const reasons = new Map<string | undefined, Map<string, number>>();
  const assignment = newAssignment();
  for (const unit of madeUpUnits(count)) {
    assign(route, withUnit(facts, source, unit), ports, assignment);
    const name = assignment.version?.name;
    const byReason = reasons.get(name) ?? new Map<string, number>();
    const reason = reasonText(assignment);
    byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
    reasons.set(name, byReason);
  }
  const names: (string | undefined)[] = route.versions.map(({ name }) => name);
  if (reasons.has(undefined)) names.push(undefined);
  return {
    route: route.name,
    count,
    by: source === undefined ? 'chance' : textOf(source.text),
    versions: names.map((version) => {
      const byReason = reasons.get(version) ?? new Map<string, number>();
      const got = [...byReason.values()].reduce((sum, n) => sum + n, 0);
      return { version, count: got, share: got / count, reasons: Object.fromEntries(byReason) };
    }),
  };
}

/** The same request by another user. */
function withUnit(facts: Facts, source: Route['unit'][number] | undefined, unit: string): Facts {
  if (source === undefined || source.kind === 'issue') return facts;
  const { kind, name } = source;
  const other = {
    method: facts.method,
    host: facts.host,
    path: facts.path,
    query: kind === 'query' ? `${name}=${unit}&${facts.query}` : facts.query,
    client: facts.client,
    scheme: facts.scheme,
  };
  return {
    ...other,
    header: (asked) => (kind === 'header' && asked === name ? bytesOf(unit) : facts.header(asked)),
    cookie: (asked) => (kind === 'cookie' && asked === name ? bytesOf(unit) : facts.cookie(asked)),
  };
}

/** Returns a distribution as lines for people. */
export function distributionText({ route, count, by, versions }: Distribution): string {
  const number = (n: number) => n.toLocaleString('en');
  const width = Math.max(...versions.map(({ version }) => (version ?? 'no version').length));
  const lines = versions.map(({ version, count: got, share, reasons }) => {
    const why = Object.entries(reasons).map(([reason, n]) => `${reason} ${number(n)}`);
    const name = (version ?? 'no version').padEnd(width);
    const counted = number(got).padStart(number(count).length);
    return `  ${name}  ${counted}  ${percentText(share).padStart(7)}  ${why.join(', ')}`.trimEnd();
  });
  const users = by === 'chance' ? 'requests without a unit' : `made-up users by ${by}`;
  return `route ${route}, ${number(count)} ${users}\n${lines.join('\n')}\n`;
}
