import type { When } from '#core/conditions/when';
import type { Route, Version } from '#core/routing/route';
import type { AudienceRule, RouteRule } from '#core/routing/rules';
import { canonical } from './canonical.ts';
import { percentText } from './percent-text.ts';
import { settingTexts } from './setting-text.ts';

/** One change of a route in words: `version v2`, `weight 10 → 20`. */
export interface Change {
  /** What changed, as the document names it. */
  readonly subject: string;
  readonly change: string;
}

/** Returns everything that changed from one state of a route to another. */
export function changesOfRoute(before: Route, after: Route): readonly Change[] {
  return [
    ...changesOfVersions(before, after),
    ...changesOfSplitting(before.rule, after.rule),
    ...changesOfAudiences(before.rule.audiences, after.rule.audiences),
    ...changesOfParts(before.rule, after.rule),
    ...changesOfSettings(before.rule, after.rule),
  ];
}

function changesOfVersions(before: Route, after: Route): Change[] {
  const changes: Change[] = [];
  for (const version of after.versions) {
    const was = before.versions.find(({ name }) => name === version.name);
    const subject = `version ${version.name}`;
    if (was === undefined) {
      changes.push({ subject, change: `added with ${weightText(after, version)}` });
      continue;
    }
    for (const change of changesOfVersion(before, was, after, version)) {
      changes.push({ subject, change });
    }
  }
  for (const { name } of before.versions) {
    if (after.versions.some((version) => version.name === name)) continue;
    changes.push({ subject: `version ${name}`, change: 'removed' });
  }
  return changes;
}

function changesOfVersion(
  before: Route,
  was: Version,
  after: Route,
  now: Version,
): readonly string[] {
  const changes: string[] = [];
  if (was.state !== now.state) changes.push(`state ${was.state} → ${now.state}`);
  if (was.weight !== now.weight) {
    const shares = `${percentText(shareOf(before, was))} → ${percentText(shareOf(after, now))}`;
    // A rollout puts weights in force that nobody has written: only their shares say something.
    const isWritten = Number.isInteger(was.weight) && Number.isInteger(now.weight);
    changes.push(
      isWritten ? `weight ${was.weight} → ${now.weight} (${shares})` : `share ${shares}`,
    );
  }
  if (was.slot !== now.slot) changes.push(`slot ${was.slot} → ${now.slot}`);
  if (endpointsText(was) !== endpointsText(now)) {
    const isSameKind = (was.service === undefined) === (now.service === undefined);
    const after = endpointsText(now);
    changes.push(`${endpointsText(was)} → ${isSameKind ? after.replace(/^\w+ /, '') : after}`);
  }
  const headers = (route: Route, { name }: Version) =>
    canonical(route.rule.versions.find((version) => version.name === name)?.headers);
  if (headers(before, was) !== headers(after, now)) changes.push('headers changed');
  return changes;
}

/** What a service has at the moment is not the document's. */
function endpointsText({ service, endpoints }: Version): string {
  return service === undefined
    ? `endpoints ${endpoints.map(({ key }) => key).join(', ')}`
    : `service ${service}`;
}

function weightText(route: Route, version: Version): string {
  const state = version.state === 'active' ? '' : `, ${version.state}`;
  const share = percentText(shareOf(route, version));
  const weight = Number.isInteger(version.weight) ? `weight ${version.weight} (${share})` : share;
  return `${weight}${state}`;
}

function shareOf({ split }: Route, version: Version): number {
  return split.versions.includes(version) ? version.weight / split.totalWeight : 0;
}

function changesOfSplitting(before: RouteRule, after: RouteRule): Change[] {
  const changes: Change[] = [];
  if (unitText(before) !== unitText(after)) {
    changes.push({ subject: 'unit', change: `${unitText(before)} → ${unitText(after)}` });
  }
  if (before.salt !== after.salt) {
    changes.push({ subject: 'salt', change: `${before.salt} → ${after.salt}` });
  }
  return changes;
}

function unitText({ unit }: RouteRule): string {
  return unit === 'request' ? unit : unit.map(({ text }) => text).join(', ');
}

function changesOfAudiences(
  before: readonly AudienceRule[],
  after: readonly AudienceRule[],
): Change[] {
  const changes: Change[] = [];
  for (const audience of after) {
    const was = before.find(({ name }) => name === audience.name);
    const change =
      was === undefined ? `added, ${goesTo(audience)}` : changeOfAudience(was, audience);
    if (change !== undefined) changes.push({ subject: `audience ${audience.name}`, change });
  }
  for (const { name } of before) {
    if (after.some((audience) => audience.name === name)) continue;
    changes.push({ subject: `audience ${name}`, change: 'removed' });
  }
  const kept = (list: readonly AudienceRule[], others: readonly AudienceRule[]) =>
    list.map(({ name }) => name).filter((name) => others.some((other) => other.name === name));
  if (kept(before, after).join('\n') !== kept(after, before).join('\n')) {
    changes.push({ subject: 'audiences', change: 'in another order' });
  }
  return changes;
}

function changeOfAudience(was: AudienceRule, now: AudienceRule): string | undefined {
  const changes: string[] = [];
  if (canonical(was.when) !== canonical(now.when)) changes.push('its condition changed');
  if (goesTo(was) !== goesTo(now)) changes.push(`${goesTo(was)} → ${goesTo(now)}`);
  return changes.length === 0 ? undefined : changes.join(', ');
}

function goesTo({ to }: AudienceRule): string {
  if (to.kind === 'version') return `to ${to.version}`;
  const parts = [...to.weights].map(([version, weight]) => `${version} ${weight}`);
  return `to a split of ${parts.sort().join(', ')}`;
}

/** Parts told by name only: their text would be longer than the document's own. */
const parts = ['match', 'sticky', 'override', 'headers', 'rewrite', 'redirect'] as const;

function changesOfParts(before: RouteRule, after: RouteRule): Change[] {
  const changes: Change[] = [];
  for (const part of parts) {
    const [was, now] = [before[part], after[part]];
    if (canonical(was) === canonical(now)) continue;
    const change = now === undefined ? 'removed' : was === undefined ? 'added' : 'changed';
    changes.push({ subject: part, change });
  }
  return changes;
}

function changesOfSettings(before: RouteRule, after: RouteRule): Change[] {
  const changes: Change[] = [];
  for (const [subject, text] of Object.entries(settingTexts)) {
    const [was, now] = [text(before), text(after)];
    if (was !== now) changes.push({ subject, change: `${was} → ${now}` });
  }
  for (const [subject, whenOf] of Object.entries(conditions)) {
    const [was, now] = [whenOf(before), whenOf(after)];
    if (was === undefined || now === undefined || canonical(was) === canonical(now)) continue;
    changes.push({ subject, change: 'its condition changed' });
  }
  return changes;
}

/** Conditions of settings, whose text leaves them out. */
const conditions: Readonly<Record<string, (rule: RouteRule) => When | undefined>> = {
  fault: ({ fault }) => fault?.when,
  rollout: ({ rollout }) => (rollout?.strategy === 'ab' ? rollout.goal?.when : undefined),
};
