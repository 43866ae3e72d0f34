import { beginHash, feedBytes, hashAfter, newHashState } from './murmur3.ts';
import type { Split, Version } from './route.ts';

/** Stands between salt, unit and slot, so that `ab` + `c` and `a` + `bc` differ. */
const separator = '\x1f';
const prefix = newHashState();

/**
 * Chooses the version of a unit: the lowest score wins; of equal ones, the slot that
 * sorts first. Returns undefined where nobody may be given a version by this split.
 *
 * The same salt, unit, slots and weights give the same version on every machine and
 * after every restart, in whatever order the document names the versions.
 */
export function draw(split: Split, salt: string, unit: string): Version | undefined {
  const { versions, weights, slots } = split;
  if (versions.length < 2) return versions[0];
  hashPrefix(salt, unit);
  let chosen = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < slots.length; i += 1) {
    const score = scoreOf(uniformOf(hashAfter(prefix, slots[i] ?? '')), weights[i] ?? 0);
    if (score < lowest) {
      lowest = score;
      chosen = i;
    }
  }
  return versions[chosen];
}

/** Chooses by chance, for a request without a unit. `random` is in [0, 1). */
export function drawByChance(split: Split, random: number): Version | undefined {
  const { versions, weights, totalWeight } = split;
  let left = random * totalWeight;
  for (let i = 0; i < versions.length - 1; i += 1) {
    left -= weights[i] ?? 0;
    if (left < 0) return versions[i];
  }
  return versions[versions.length - 1];
}

/** Returns a slot's number in (0, 1) for a unit: never 0 and never 1. */
export function uniform(salt: string, unit: string, slot: string): number {
  hashPrefix(salt, unit);
  return uniformOf(hashAfter(prefix, slot));
}

/**
 * Returns the score of a slot for a unit; the lowest score of a route wins.
 *
 * Each slot is scored without looking at the others, so raising one weight can only
 * move people onto that version. Stacked ranges cannot promise this: going from
 * 80/10/10 to 70/10/20 they replace everybody in the middle version, whose weight
 * did not change.
 */
export function scoreOf(uniform: number, weight: number): number {
  return -Math.log(uniform) / weight;
}

/** Returns where `hash` lies in (0, 1), as a multiple of 2^-32 and a half. */
export function uniformOf(hash: number): number {
  return (hash + 0.5) / 0x1_0000_0000;
}

function hashPrefix(salt: string, unit: string): void {
  beginHash(prefix, 0);
  feedBytes(prefix, salt);
  feedBytes(prefix, separator);
  feedBytes(prefix, unit);
  feedBytes(prefix, separator);
}
