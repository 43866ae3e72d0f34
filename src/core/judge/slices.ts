import { halfWidthOneSided, usualHorizon } from './confidence-sequence.ts';

/** What one slice of the units has of what is counted, and of what it is counted among. */
export type Slice = readonly [events: number, requests: number];

export interface SliceRatio {
  readonly ratio: number;
  /** Of the ratio. */
  readonly variance: number;
  /** How many slices have an event. */
  readonly withEvents: number;
}

/**
 * Returns events per request with the variance that counts units and not their requests: requests
 * of one user fail together, so they are not as many witnesses as they seem.
 *
 * The delta method on slices: Deng, Knoblich, Lu, arXiv 1803.06336.
 */
export function sliceRatio(slices: readonly Slice[]): SliceRatio {
  let [events, requests, withEvents] = [0, 0, 0];
  for (const [some, among] of slices) {
    events += some;
    requests += among;
    if (some > 0) withEvents += 1;
  }
  const ratio = events / requests;
  let squares = 0;
  for (const [some, among] of slices) squares += (some - ratio * among) ** 2;
  const k = slices.length;
  return { ratio, variance: ((k / (k - 1)) * squares) / requests ** 2, withEvents };
}

/** Slices of the candidate that must have an event before the variance can be believed. */
export const leastSlices = 20;

export interface SlicePassQuestion {
  readonly stable: SliceRatio;
  readonly candidate: SliceRatio;
  /** The candidate may be so many times as bad. */
  readonly margin: number;
  readonly beta: number;
  /** Seen, of both. */
  readonly units: number;
  readonly horizon?: number;
}

export interface SlicePass {
  /** Candidate minus `margin` times stable. */
  readonly difference: number;
  readonly halfWidth: number;
  readonly passes: boolean;
}

/** Tells whether the candidate is shown not to be `margin` times as bad as the stable version. */
export function slicePass(question: SlicePassQuestion): SlicePass {
  const { stable, candidate, margin, beta, units, horizon = usualHorizon } = question;
  const difference = candidate.ratio - margin * stable.ratio;
  const standardError = Math.sqrt(candidate.variance + margin ** 2 * stable.variance);
  const halfWidth = halfWidthOneSided({ standardError, units, horizon, alpha: beta });
  const passes = difference + halfWidth < 0 && candidate.withEvents >= leastSlices;
  return { difference, halfWidth, passes };
}
