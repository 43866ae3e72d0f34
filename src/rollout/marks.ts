/** What is noted of a unit when it happens for the first time. */
export const marks = {
  failed: 1,
  /** Slower than each of the three limits. */
  slow: [2, 4, 8],
  goal: 16,
  /** Seen in this release, and in this step of it. */
  seen: 32,
  seenInStep: 64,
} as const;

/** Marks of which there are few: those of units that were seen are all that come. */
export const rare = marks.failed | 2 | 4 | 8 | marks.goal;

/** What goes with the marks of a unit from process to process. */
export const asIs = {
  marks: 0xff,
  /** It was the candidate, and not the stable version. */
  candidate: 0x100,
  /** Its id was made up for this request. */
  minted: 0x200,
  /** Of a request and its copy: what only one of them did. */
  pair: 0x400,
} as const;
