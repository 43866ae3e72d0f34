import type { Tree } from '#core/document/tree';
import { durationText } from '../duration-text.ts';
import { textAt } from '../value.ts';

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Returns the milliseconds of `1.5s`, `1h30m`; undefined for anything else. */
export function goDurationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)) {
    ms += Number(count) * (unitsMs[unit] ?? 0);
  }
  return ms;
}

/** Returns the duration at a path as a document says it; undefined: there is none that it can say. */
export function durationAt(tree: Tree, path: readonly string[]): string | undefined {
  const text = textAt(tree, path);
  const ms = text === undefined ? undefined : goDurationMs(text);
  return ms === undefined ? undefined : durationText(ms);
}
