/** What is chosen from. */
export interface Candidate {
  /** Requests that are with it. */
  readonly inFlight: number;
  /** Others are preferred to it until then. */
  readonly shakyUntil: number;
}

/**
 * Returns the one with fewer requests of two that chance picks; one that is shaky `now` only
 * where the others are too. Undefined only of none.
 *
 * Two choices are nearly as even as looking at all of them, and don't send everything to one
 * endpoint that has just come back (Mitzenmacher, The Power of Two Choices).
 */
export function lighterOfTwo<Of extends Candidate>(
  candidates: readonly Of[],
  random: () => number,
  now: number,
): Of | undefined {
  const { length } = candidates;
  if (length < 2) return candidates[0];
  const one = Math.floor(random() * length);
  const chosen = lighter(candidates[one], candidates[anotherThan(one, length, random)], now);
  if (chosen === undefined || chosen.shakyUntil <= now || length === 2) return chosen;
  const steady = candidates.filter(({ shakyUntil }) => shakyUntil <= now);
  return steady.length === 0 ? chosen : lighterOfTwo(steady, random, now);
}

/**
 * The same where some are to get less than their share: `warmthOf` says which part of it. One
 * that chance picks and warmth turns down gives its place to another.
 */
export function lighterOfWarmer<Of extends Candidate>(
  candidates: readonly Of[],
  random: () => number,
  now: number,
  warmthOf: (candidate: Of) => number,
): Of | undefined {
  const { length } = candidates;
  if (length < 2) return candidates[0];
  const draw = (): number => {
    const at = Math.floor(random() * length);
    const drawn = candidates[at];
    const isTaken = drawn === undefined || random() < warmthOf(drawn);
    return isTaken ? at : anotherThan(at, length, random);
  };
  return lighter(candidates[draw()], candidates[draw()], now);
}

function anotherThan(at: number, length: number, random: () => number): number {
  const other = at + 1 + Math.floor(random() * (length - 1));
  return other < length ? other : other - length;
}

function lighter<Of extends Candidate>(
  one: Of | undefined,
  other: Of | undefined,
  now: number,
): Of | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const isShaky = one.shakyUntil > now;
  if (isShaky !== other.shakyUntil > now) return isShaky ? other : one;
  return other.inFlight < one.inFlight ? other : one;
}
