import { percentText } from '#core/rollout/percent-text';
import type { RouteStatus } from '#core/rollout/status';
import { timeText } from './instant-text.ts';
import { verdictText } from './verdict-text.ts';

/** Returns one line of how a route stands, for who watches it. */
export function changeLine({ route, rollout }: RouteStatus, now: number): string {
  const at = timeText(now).replace(/\.\d+/, '');
  if (rollout === undefined) return `${at} ${route}  no rollout`;
  const { strategy, from, to, phase, step, steps, share, reason, verdict } = rollout;
  const parts = [
    `${strategy} ${from} → ${to}`,
    `${phase.replace('_', ' ')}, step ${step} of ${steps}`,
    `${percentText(share)} on ${to}`,
    ...(verdict === undefined ? [] : [verdictText(verdict)]),
    reason,
  ];
  return `${at} ${route}  ${parts.join('; ')}`;
}

/** Returns what has to be another for a line to be worth printing: counts that only grow are not. */
export function changeKey({ rollout }: RouteStatus): string {
  if (rollout === undefined) return '';
  const { release, phase, step, share, verdict, to } = rollout;
  const waits = /\d/.test(rollout.reason) && phase === 'progressing' ? '' : rollout.reason;
  return [release, phase, step, share, verdict?.kind, to, waits].join('\n');
}
