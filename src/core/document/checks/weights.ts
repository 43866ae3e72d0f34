import type { AudienceRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { pathText, placeText } from '../path-text.ts';
import { type Check, spanAt } from './check.ts';

/** Somebody has to serve: weights that are all 0 are refused, of a route and of an audience. */
export const weights: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    if (rule === undefined || rule.versions.length === 0) return [];
    const findings: Finding[] = [];
    const path = ['routes', index];
    if (!rule.versions.some((version) => version.state === 'active' && version.weight > 0)) {
      findings.push({
        code: 'TN3003',
        message: `${placeText(path, checked.tree)} needs a version that is active and has a weight above 0`,
        span: spanAt(checked, [...path, 'versions']),
      });
    }
    for (const [place, audience] of rule.audiences.entries()) {
      if (!isEmptySplit(audience)) continue;
      const split = [...path, 'audiences', place, 'split'];
      findings.push({
        code: 'TN3003',
        message: `${pathText(split)} needs a version with a weight above 0`,
        span: spanAt(checked, split),
      });
    }
    return findings;
  });

function isEmptySplit({ to }: AudienceRule): boolean {
  return to.kind === 'split' && [...to.weights.values()].every((weight) => weight === 0);
}
