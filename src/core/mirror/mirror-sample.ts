import type { Difference } from './compare-answers.ts';

/** One exchange whose copy was answered otherwise. Plain data: it may come from another process. */
export interface MirrorSample {
  readonly route: string;
  /** The version that got the copy. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Without its query: that may hold what is nobody's business. */
  readonly path: string;
  readonly differences: readonly Difference[];
}
