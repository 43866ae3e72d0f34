import type { Revision } from '#core/rollout/status';
import { instantText } from './instant-text.ts';
import { tableText } from './table-text.ts';

/** Returns what was done, the youngest last: it stands where the eye is. */
export function historyText(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'nothing was done yet\n';
  const rows = revisions
    .toSorted((a, b) => a.revision - b.revision)
    .map(({ revision, at, kind, who, reason }) => [
      String(revision),
      instantText(at),
      kind,
      who,
      reason,
    ]);
  return `${tableText([['REVISION', 'WHEN', 'WHAT', 'WHO', 'WHY'], ...rows]).join('\n')}\n`;
}

/** Returns one revision with all that it changed. */
export function revisionText(revision: Revision): string {
  const { at, kind, who, route, reason, hash, changes } = revision;
  return [
    `revision  ${revision.revision}, ${kind}${route === undefined ? '' : ` of ${route}`}`,
    `when      ${instantText(at)}`,
    `who       ${who}`,
    `why       ${reason}`,
    `document  ${hash}`,
    ...changes.map((change) => `changed   ${change}`),
    '',
  ].join('\n');
}
