import { weightsText } from '#core/rollout/overlay';
import type { AdminPorts } from './ports.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What a person reads. */
  readonly text: string;
}

/** Returns whether the process may be sent traffic, and why not. A refused reload changes nothing. */
export function readiness(ports: AdminPorts): Readiness {
  const checks = [
    { name: 'document', holds: ports.inForce().snapshot !== undefined, not: 'none in force yet' },
    { name: 'traffic listener', holds: ports.listening(), not: 'not listening' },
    {
      name: 'not draining',
      holds: !ports.draining(),
      not: 'finishing what is begun, about to end',
    },
  ];
  const ready = checks.every((check) => check.holds);
  const lines = checks.map(
    ({ name, holds, not }) => `${holds ? '[+]' : '[-]'} ${name}${holds ? '' : `: ${not}`}`,
  );
  return {
    ready,
    text: `${[...lines, ...documentLines(ports), ...watchLines(ports), ...overlayLines(ports)].join('\n')}\n${ready ? 'ready' : 'not ready'}\n`,
  };
}

function documentLines(ports: AdminPorts): readonly string[] {
  const { file, hash, appliedAt, warnings, refusal } = ports.document();
  const age = appliedAt === undefined ? '' : `, applied ${ageOf(ports.now() - appliedAt)} ago`;
  const lines = [
    hash === undefined
      ? `no document of ${file} in force`
      : `document ${hash} of ${file}${age}, snapshot ${ports.inForce().number}${servers(ports, hash)}`,
  ];
  if (warnings !== '') lines.push(warnings.trimEnd());
  if (refusal !== undefined) {
    const which = refusal.hash === undefined ? '' : ` ${refusal.hash}`;
    lines.push(`refused${which} ${ageOf(ports.now() - refusal.at)} ago:`, refusal.text.trimEnd());
  }
  return lines;
}

function watchLines(ports: AdminPorts): readonly string[] {
  return ports.watches().flatMap(({ what, isSynced, trouble, heardMs }) => {
    const heard = heardMs === undefined ? 'never heard' : `last heard ${ageOf(heardMs)} ago`;
    const state = `watch of ${what}: ${isSynced ? '' : 'not synced, '}${heard}`;
    return trouble === undefined ? [state] : [state, `not heard now: ${trouble}`];
  });
}

/** The rules are not all that is in force. */
function overlayLines({ rollouts, now }: AdminPorts): readonly string[] {
  return rollouts.overlays.all().map(({ route, overlay: { weights, endsAt, who } }) => {
    const left = ageOf(endsAt - now());
    return `overlay of ${route}: ${weightsText(weights)} by ${who}, ${left} left`;
  });
}

function servers(ports: AdminPorts, hash: string): string {
  const workers = ports.workers();
  if (workers.length === 0) return '';
  const serve = workers.filter((one) => one.state === 'serving' && one.hash === hash);
  return `, served by ${serve.length} of ${workers.length} workers`;
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
