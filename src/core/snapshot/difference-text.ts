import type { Difference, RouteDifference } from './difference.ts';
import type { MovedPair, Movement } from './movement.ts';
import { percentText } from './percent-text.ts';

/** Returns a difference as lines for people; one line where nothing changes. */
export function differenceText(difference: Difference): string[] {
  const lines = [
    ...difference.removed.map((route) => `route ${route}: removed`),
    ...difference.added.map((route) => `route ${route}: added`),
    ...(difference.reordered ? ['routes: in another order'] : []),
    ...difference.changed.flatMap(routeLines),
  ];
  return lines.length === 0 ? ['nothing changes'] : lines;
}

function routeLines({ route, changes, movement }: RouteDifference): string[] {
  return [
    ...changes.map(({ subject, change }) => `route ${route}: ${subject}: ${change}`),
    `route ${route}: users who change version: ${movementText(movement)}`,
  ];
}

/** Says who moves: `10.0 % v1 → v2, 0 % back`. */
function movementText({ kind, units, pairs, redrawn }: Movement): string {
  if (kind === 'request') return 'none has one, it splits per request';
  const drawn = `${units.toLocaleString('en')} made-up units; overrides, audiences and sticky cookies left out`;
  const why = redrawn === undefined ? '' : `, all drawn anew by another ${redrawn}`;
  if (pairs.length === 0) return `nobody${why} (${drawn})`;
  return `${pairTexts(pairs).join('; ')}${why} (${drawn})`;
}

function pairTexts(pairs: readonly MovedPair[]): string[] {
  const texts: string[] = [];
  for (const [i, pair] of pairs.entries()) {
    const back = pairs.findIndex((other) => other.from === pair.to && other.to === pair.from);
    if (back < i) continue;
    const backShare = percentText(pairs[back]?.share ?? 0);
    texts.push(
      `${percentText(pair.share)} ${nameText(pair.from)} → ${nameText(pair.to)}, ${backShare} back`,
    );
  }
  return texts;
}

function nameText(version: string | undefined): string {
  return version ?? 'no version';
}
