import { type Trouble, troubleOf } from '#core/routing/fault';
import type {
  Comparison,
  EjectionRule,
  FaultRule,
  HealthRule,
  MirrorRule,
  OnUnavailable,
  Retries,
  RouteRule,
} from '#core/routing/rules';
import { durationText, sizeText } from './amount-text.ts';
import { rolloutText } from './rollout-text.ts';

/**
 * How a route deals with its versions, key by key, in words. Two rules of which one sets
 * something otherwise have two texts; conditions are left out.
 */
export const settingTexts: Readonly<Record<string, (rule: RouteRule) => string>> = {
  onUnavailable: ({ onUnavailable }) => needText(onUnavailable),
  'timeouts.connect': ({ timeouts }) => durationText(timeouts.connectMs),
  'timeouts.firstByte': ({ timeouts }) => durationText(timeouts.firstByteMs),
  'timeouts.idle': ({ timeouts }) => durationText(timeouts.idleMs),
  'timeouts.total': ({ timeouts }) => durationText(timeouts.totalMs),
  'timeouts.attempt': ({ timeouts }) => durationText(timeouts.attemptMs),
  retries: ({ retries }) => retriesText(retries),
  health: ({ health }) => textOr(health, healthText),
  ejection: ({ ejection }) => textOr(ejection, ejectionText),
  slowStart: ({ slowStartMs }) => durationText(slowStartMs),
  'limits.connections': ({ limits }) => String(limits.connections),
  'limits.inFlight': ({ limits }) => String(limits.inFlight),
  'limits.waiting': ({ limits }) => String(limits.waiting),
  'limits.wait': ({ limits }) => durationText(limits.waitMs),
  'limits.body': ({ limits }) => sizeText(limits.bodyBytes),
  upgrade: ({ allowsUpgrade }) => (allowsUpgrade ? 'websocket' : 'off'),
  encodedSlash: ({ allowsEncodedSlash }) => (allowsEncodedSlash ? 'keep' : 'refuse'),
  mirror: ({ mirror }) => textOr(mirror, mirrorText),
  fault: ({ fault }) => textOr(fault, faultText),
  rollout: ({ rollout }) => textOr(rollout, rolloutText),
  held: ({ isHeld }) => (isHeld ? 'every request waits' : 'off'),
};

function textOr<Rule>(rule: Rule | undefined, text: (rule: Rule) => string): string {
  return rule === undefined ? 'off' : text(rule);
}

function needText(need: OnUnavailable): string {
  if (need.kind === 'fallback') return `fallback ${need.version}`;
  return need.kind === 'hold' ? `hold ${durationText(need.holdMs)}` : need.kind;
}

function retriesText({ attempts, statuses, budgetPercent }: Retries): string {
  const also = statuses.length === 0 ? '' : `, also of ${statuses.join(', ')}`;
  return attempts === 0 ? 'off' : `${attempts}${also}, budget ${budgetPercent}%`;
}

function healthText(rule: HealthRule): string {
  const { path, host, intervalMs, timeoutMs, unhealthy, healthy, statuses } = rule;
  return [
    host === undefined ? path : `${path} of ${host}`,
    `each ${durationText(intervalMs)}`,
    `within ${durationText(timeoutMs)}`,
    `down after ${unhealthy}`,
    `up after ${healthy}`,
    ...(statuses === undefined ? [] : [`right: ${statuses.join(', ')}`]),
  ].join(', ');
}

function ejectionText({ failures, forMs, maxPercent }: EjectionRule): string {
  return `after ${failures} failures, for ${durationText(forMs)}, at most ${maxPercent}%`;
}

function mirrorText({ to, percent, methods, inFlight, bodyBytes, compare }: MirrorRule): string {
  return [
    copiesText({ to, percent, methods }),
    `${inFlight} at once`,
    bodyBytes === 0 ? 'without bodies' : `bodies up to ${sizeText(bodyBytes)}`,
    ...(compare === undefined ? [] : [comparisonText(compare)]),
  ].join(', ');
}

/** Which copies go where: `10% of GET, HEAD to v2`. */
export function copiesText({
  to,
  percent,
  methods,
}: Pick<MirrorRule, 'to' | 'percent' | 'methods'>): string {
  return `${percent}% of ${methods.join(', ')} to ${to}`;
}

function comparisonText({ status, latency, body, ignore, bodyBytes }: Comparison): string {
  const kept = `${body} of ${sizeText(bodyBytes)}`;
  const compared = [
    ...(status ? ['status'] : []),
    ...(latency ? ['latency'] : []),
    ...(body === 'off' ? [] : [`body as ${kept}`]),
  ];
  if (compared.length === 0) return 'compares nothing';
  const but = ignore.map(pointerText);
  return `compares ${compared.join(', ')}${but.length === 0 ? '' : ` without ${but.join(', ')}`}`;
}

function pointerText(segments: readonly string[]): string {
  return segments
    .map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function faultText(fault: FaultRule): string {
  const of = fault.version === undefined ? '' : ` of requests to ${fault.version}`;
  const when = fault.when === undefined ? '' : ', where its condition holds';
  return `${troubleText(troubleOf(fault))}${of}${when}`;
}

/** What a fault does: `10% wait 200ms, 5% are answered 503`. */
export function troubleText({ delay, abort }: Trouble): string {
  const does: string[] = [];
  if (delay !== undefined) does.push(`${delay.percent}% wait ${durationText(delay.timeMs)}`);
  if (abort !== undefined) {
    const end = abort.with === 'reset' ? 'reset' : `answered ${abort.with}`;
    does.push(`${abort.percent}% are ${end}`);
  }
  return does.length === 0 ? 'none' : does.join(', ');
}
