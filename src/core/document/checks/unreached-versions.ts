import type { RouteRule, VersionRule } from '#core/routing/rules';
import { pathText } from '../path-text.ts';
import { type Check, keySpanAt } from './check.ts';

/** A version that nothing leads to is probably a mistake; `state: disabled` says it is none. */
export const unreachedVersions: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    // A route that nobody can be split by has a problem of its own.
    if (rule === undefined || !rule.versions.some(takesPeople)) return [];
    return rule.versions
      .filter((version) => !canBeReached(rule, version))
      .map((version) => {
        const path = ['routes', index, 'versions', version.name];
        const why = version.state === 'drain' ? 'it takes nobody new' : 'its weight is 0';
        const ways =
          version.state === 'drain'
            ? 'no sticky cookie and no override leads to it'
            : 'no audience, override, sticky cookie, fallback, mirror or rollout leads to it';
        return {
          code: 'TN3005',
          severity: 'warning',
          message: `nobody can reach ${pathText(path)}: ${why}, and ${ways}`,
          span: keySpanAt(checked, path),
        };
      });
  });

function takesPeople(version: VersionRule): boolean {
  return version.state === 'active' && version.weight > 0;
}

function canBeReached(rule: RouteRule, version: VersionRule): boolean {
  if (version.state === 'disabled' || rule.override !== undefined || rule.sticky !== undefined) {
    return true;
  }
  if (version.state === 'drain') return false;
  return version.weight > 0 || isNamed(rule, version.name);
}

function isNamed(rule: RouteRule, name: string): boolean {
  if (rule.mirror?.to === name) return true;
  if (rule.rollout?.from === name || rule.rollout?.to === name) return true;
  if (rule.onUnavailable.kind === 'fallback' && rule.onUnavailable.version === name) return true;
  return rule.audiences.some(({ to }) =>
    to.kind === 'version' ? to.version === name : (to.weights.get(name) ?? 0) > 0,
  );
}
