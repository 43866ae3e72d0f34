import { bytesOf } from '#core/conditions/byte-text';
import type { Condition } from '#core/conditions/condition';
import type { Facts } from '#core/conditions/facts';
import { percentEscape } from './percent.ts';
import type { PathRewrite } from './rules.ts';

/** A prefix that the route's `match` names, and how many segments of a path it takes. */
export interface PathCut {
  readonly holds: Condition;
  /** Infinite for an exact path: it is cut whole. */
  readonly segments: number;
}

/**
 * Returns the path to forward, given the one received without dot segments.
 *
 * `prefix` replaces whole segments, as many as the longest matched prefix has; a run of
 * slashes counts as one. What follows stays byte for byte. Where nothing but a regular
 * expression, or no path at all, was matched, nothing is cut and the new prefix goes in front.
 *
 * The result always begins with one '/', and a '\' never follows it: nobody may read a host
 * into it (`//evil.example`, `/\evil.example`).
 */
export function rewrittenPath(
  rewrite: PathRewrite,
  cuts: readonly PathCut[],
  facts: Facts,
  forwardedPath: string,
): string {
  if (rewrite.kind === 'full') return oneSlash(rewrite.path);
  const rest = forwardedPath.slice(cutEnd(forwardedPath, segmentsToCut(cuts, facts)));
  return oneSlash(rest === '' ? rewrite.path : withoutLastSlashes(rewrite.path) + rest);
}

/** Returns a path of the document as it may stand in a request's target. */
export function targetPath(text: string): string {
  return bytesOf(text).replace(/[^!-~]|[?#]/g, percentEscape);
}

function segmentsToCut(cuts: readonly PathCut[], facts: Facts): number {
  let most = 0;
  for (const cut of cuts) {
    if (cut.segments > most && cut.holds(facts)) most = cut.segments;
  }
  return most;
}

/** Returns where the slash run after the first `segments` segments begins, or the end. */
function cutEnd(path: string, segments: number): number {
  if (segments === Number.POSITIVE_INFINITY) return path.length;
  let end = 0;
  for (let cut = 0; cut < segments && end < path.length; cut += 1) {
    const start = end + (/^\/*/.exec(path.slice(end))?.[0].length ?? 0);
    const slash = path.indexOf('/', start);
    end = slash === -1 ? path.length : slash;
  }
  return end;
}

function withoutLastSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}

function oneSlash(path: string): string {
  const rest = path.replace(/^\/+/, '');
  return rest.startsWith('\\') ? `/%5C${rest.slice(1)}` : `/${rest}`;
}
