import { type Overlay, weightsText } from '#core/rollout/overlay';
import { percentText as plannedText } from '#core/rollout/percent-text';
import { spanText } from '#core/rollout/span-text';
import type { Phase } from '#core/rollout/state';
import type {
  ReplicasStatus,
  RolloutStatus,
  RouteStatus,
  VersionStatus,
} from '#core/rollout/status';
import { percentText } from '#core/snapshot/percent-text';
import { instantText } from './instant-text.ts';
import { leavingText } from './leaving-text.ts';
import { tableText } from './table-text.ts';
import { verdictLines } from './verdict-text.ts';

const marks: Readonly<Record<Phase, string>> = {
  progressing: '◌ progressing',
  paused: '‖ paused',
  complete: '✔ complete',
  rolled_back: '✖ rolled back',
  aborted: '✖ aborted',
};

type Line = readonly [label: string, text: string];

/** Returns how a route stands, as a person reads it. `now` is milliseconds since 1970. */
export function statusText(status: RouteStatus, now: number): string {
  const { route, rollout, versions, overlay, differs, replicas } = status;
  const next = [
    ...(overlay === undefined ? [] : [`turnout weight ${route} --end`]),
    ...(rollout?.next ?? []),
  ];
  const head: Line[] =
    rollout === undefined ? [[route, 'no rollout']] : headLines(route, rollout, now);
  const foot: Line[] = [
    ...(rollout === undefined ? [] : rolloutLines(rollout)),
    ...leavingLines(versions),
    ...(overlay === undefined ? [] : [['overlay', overlayText(overlay, now)] as const]),
    ...(replicas === undefined ? [] : [['replicas', replicasText(replicas)] as const]),
    ...(differs === undefined ? [] : [['differs', differs] as const]),
    ...(next.length === 0 ? [] : [['next', next.join(' | ')] as const]),
  ];
  return `${[...labelled(head), ...tableText(versionRows(versions)), ...labelled(foot)].join('\n')}\n`;
}

/** Weights for a while: `v1 60, v2 40 by eve, 7 min left, until 2026-08-01 03:22:07Z: load test`. */
function overlayText({ weights, who, endsAt, reason }: Overlay, now: number): string {
  const left = spanText(Math.max(0, endsAt - now));
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${weightsText(weights)} by ${who}, ${left} left, until ${instantText(endsAt)}${why}`;
}

function headLines(route: string, rollout: RolloutStatus, now: number): Line[] {
  const { strategy, from, to, phase, reason, routes } = rollout;
  const lines: Line[] = [
    [route, `${strategy} ${from} → ${to}   ${marks[phase]}${whereText(rollout, now)}`],
  ];
  if (routes.length > 1) lines.push(['together', routes.join(', ')]);
  lines.push(['because', reason]);
  return lines;
}

/** Where it stands in its plan; over is over. */
function whereText(rollout: RolloutStatus, now: number): string {
  const { step, steps, stepText, stepBeganAt, stepEndsAt, endedAt, beganAt } = rollout;
  if (endedAt !== undefined) return ` after ${spanText(endedAt - beganAt)}`;
  const spent = spanText(Math.max(0, now - stepBeganAt));
  const time =
    stepEndsAt === undefined ? spent : `${spent} of ${spanText(stepEndsAt - stepBeganAt)}`;
  return `, step ${step} of ${steps}${stepText === '' ? '' : ` (${stepText})`}, ${time}`;
}

const columns = ['VERSION', 'STATE', 'SHARE', 'REQUESTS', 'FAILED', 'IN FLIGHT', 'ENDPOINTS'];

function versionRows(versions: readonly VersionStatus[]): readonly (readonly string[])[] {
  return [
    columns,
    ...versions.map((version) => [
      version.version,
      version.state,
      percentText(version.share),
      version.requests.toLocaleString('en'),
      failedText(version),
      version.inFlight.toLocaleString('en'),
      `${version.readyEndpoints} of ${version.endpoints} ready`,
    ]),
  ];
}

function failedText({ requests, failures }: VersionStatus): string {
  return requests === 0 ? '–' : percentText(failures / requests);
}

function rolloutLines(rollout: RolloutStatus): Line[] {
  const { to, share, seenShare, verdict, limitsMs, facts, restartsAtFirstStep } = rollout;
  const seen = seenShare === undefined ? 'no requests yet' : `seen ${percentText(seenShare)}`;
  const lines: Line[] = [['share', `planned ${plannedText(share)} on ${to}, ${seen}`]];
  if (verdict !== undefined) lines.push(...verdictLines(verdict, to));
  if (limitsMs !== undefined) {
    const [t90, t95, t99] = limitsMs.map((ms) => `${Math.round(ms)} ms`);
    lines.push(['slow', `above ${t90} (90 %), ${t95} (95 %), ${t99} (99 %)`]);
  }
  for (const [name, value] of facts) lines.push([name, value]);
  if (restartsAtFirstStep) {
    lines.push(['warning', 'it is not kept how it stands: a restart begins at the first step']);
  }
  return lines;
}

/** `3 of 3 agree, turnout-7d9-x2x leads` */
function replicasText(replicas: ReplicasStatus): string {
  const { heard, of, alike, leader, leaderlessMs, trouble } = replicas;
  const agreed = alike === heard ? 'agree' : `are heard, ${alike} agree`;
  const led = leader === undefined ? noLeader(leaderlessMs) : `${leader} leads`;
  return [`${heard} of ${of} ${agreed}`, led, ...(trouble === undefined ? [] : [trouble])].join(
    '; ',
  );
}

function noLeader(leaderlessMs = 0): string {
  return `no leader for ${spanText(leaderlessMs)}: nothing goes on by itself`;
}

function leavingLines(versions: readonly VersionStatus[]): Line[] {
  return versions.flatMap(({ version, leaving }) =>
    leaving === undefined ? [] : [['leaving', `${version}: ${leavingText(leaving)}`] as const],
  );
}

function labelled(lines: readonly Line[]): readonly string[] {
  return lines.map(([label, text]) => `${label.padEnd(9)} ${text}`);
}
