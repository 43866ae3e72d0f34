import { durationMs } from '#core/document/duration-ms';
import { maxOverlayMs, minOverlayMs, type Weights } from '#core/rollout/overlay';
import { isLine, isMapping } from './answers.ts';
import type { Unclear } from './conditional-change.ts';

/** What the body of a change of an overlay says. */
export interface OverlayBody {
  readonly weights: Weights | undefined;
  /** Undefined where nothing was said. */
  readonly ttlMs: number | undefined;
  readonly user: string | undefined;
  readonly reason: string | undefined;
}

const maxWeight = 1_000_000;

/** Returns what a body says, or what is wrong with it. Without `weights` it may only tell who and why. */
export function overlayBody(
  body: unknown,
  isForWeights: boolean,
): OverlayBody | { readonly unclear: Unclear } {
  if (!isMapping(body)) return bad('the body must be a JSON object');
  const known = isForWeights ? ['weights', 'ttl', 'reason', 'user'] : ['reason', 'user'];
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) return bad(`unknown key "${unknown.slice(0, 40)}"`);
  return whoAndWhyProblem(body) ?? read(body, isForWeights);
}

function read(
  { weights, ttl, reason, user }: Readonly<Record<string, unknown>>,
  isForWeights: boolean,
): OverlayBody | { readonly unclear: Unclear } {
  if (isForWeights && !isWeights(weights)) return { unclear: noWeights };
  const ttlMs = typeof ttl === 'string' ? durationMs(ttl) : undefined;
  if (ttl !== undefined && !isInRange(ttlMs)) return { unclear: outOfRange };
  return {
    weights: isWeights(weights) ? weights : undefined,
    ttlMs,
    user: typeof user === 'string' ? user : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
  };
}

function whoAndWhyProblem({ reason, user }: Readonly<Record<string, unknown>>) {
  if (reason !== undefined && !isLine(reason, 500)) {
    return bad('"reason" must be a text of one line, up to 500 characters');
  }
  if (user === undefined || isLine(user, 64)) return undefined;
  return bad('"user" must be a name of up to 64 characters');
}

function bad(detail: string): { readonly unclear: Unclear } {
  return { unclear: { code: 'bad_command', detail } };
}

const noWeights: Unclear = {
  code: 'TN4004',
  detail: `"weights" must name versions with whole numbers from 0 to ${maxWeight}: {"v1": 90, "v2": 10}`,
};

const outOfRange: Unclear = {
  code: 'TN4007',
  detail: '"ttl" must be a duration from 1s to 24h, such as 90s, 10m or 2h',
};

function isWeights(value: unknown): value is Weights {
  if (!isMapping(value)) return false;
  const weights = Object.values(value);
  return weights.length > 0 && weights.every(isWeight);
}

function isWeight(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxWeight;
}

function isInRange(ms: number | undefined): boolean {
  return ms !== undefined && ms >= minOverlayMs && ms <= maxOverlayMs;
}
