import { covers } from '#core/conditions/covers';
import type { When } from '#core/conditions/when';
import type { AudienceRule, RouteRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { pathText, placeText } from '../path-text.ts';
import { type Check, keySpanAt, placeWithLine } from './check.ts';

/**
 * Comparing each route with all before it grows with the square of their number. A few
 * thousand ordinary routes stay below this; what is beyond it is not looked at.
 */
const maxWork = 10_000_000;

/** A route behind one that takes all its requests is a mistake, and is refused. */
export const unreachableRoutes: Check = (checked) => {
  const earlier: { readonly index: number; readonly match: When | undefined }[] = [];
  const findings: Finding[] = [];
  const work = { left: maxWork };
  let everything: (typeof earlier)[number] | undefined;
  for (const { index, rule } of checked.routes) {
    if (rule === undefined) continue;
    const { match } = rule;
    const first = everything ?? earlier.find((one) => provedCover(one.match, match, work));
    earlier.push({ index, match });
    if (covers(match, undefined)) everything ??= { index, match };
    if (first === undefined) continue;
    const path = ['routes', index];
    findings.push({
      code: 'TN3004',
      message: `no request can reach ${placeText(path, checked.tree)}: ${placeWithLine(checked, ['routes', first.index])} takes them all`,
      hint: covers(rule.match, first.match)
        ? 'both take the same requests'
        : `the first route that matches counts; put it before ${pathText(['routes', first.index])}`,
      span: keySpanAt(checked, [...path, 'name']),
    });
  }
  return findings;
};

/** The same for audiences of a route; the others still serve, so it is a warning. */
export const unreachableAudiences: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) =>
    rule === undefined ? [] : audiencesOf(rule).map((finding) => finding(checked, index)),
  );

type At = (checked: Parameters<Check>[0], route: number) => Finding;

function audiencesOf(rule: RouteRule): readonly At[] {
  const earlier: { readonly place: number; readonly audience: AudienceRule }[] = [];
  const found: At[] = [];
  const work = { left: maxWork };
  for (const [place, audience] of rule.audiences.entries()) {
    const first = earlier.find((one) => provedCover(one.audience.when, audience.when, work));
    if (takesPeople(rule, audience)) earlier.push({ place, audience });
    if (first !== undefined) found.push(unreachableAudience(place, audience, first.place));
  }
  return found;
}

function unreachableAudience(place: number, audience: AudienceRule, first: number): At {
  return (checked, route) => {
    const path = ['routes', route, 'audiences'];
    const other = placeWithLine(checked, [...path, first]);
    return {
      code: 'TN3012',
      severity: 'warning',
      message: `nobody can be in ${pathText([...path, place])} "${audience.name}": ${other} takes them all`,
      span: keySpanAt(checked, [...path, place, 'name']),
    };
  };
}

/** An audience whose versions take nobody new is passed over. */
function takesPeople(rule: RouteRule, { to }: AudienceRule): boolean {
  return rule.versions.some(({ name, state }) => {
    const isChosen = to.kind === 'version' ? to.version === name : (to.weights.get(name) ?? 0) > 0;
    return isChosen && state === 'active';
  });
}

function provedCover(
  wide: When | undefined,
  narrow: When | undefined,
  work: { left: number },
): boolean {
  work.left -= sizeOf(wide) * sizeOf(narrow);
  return work.left > 0 && covers(wide, narrow);
}

const sizes = new WeakMap<object, number>();

/** About how many values a condition has. */
function sizeOf(when: When | undefined): number {
  if (when === undefined) return 1;
  const known = sizes.get(when);
  if (known !== undefined) return known;
  const size = valuesIn(when);
  sizes.set(when, size);
  return size;
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + valuesIn(inner), 0);
}
