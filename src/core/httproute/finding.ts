import type { ProblemCode } from '#core/conditions/expectation';

/** Keys and indices from the top of an object to a value. */
export type Path = readonly (string | number)[];

/** One thing wrong with an HTTPRoute, by its place in the object. */
export interface PlacedFinding {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** What is said of the path: `must not stand beside backendRefs`. */
  readonly says: string;
  readonly hint?: string;
}

export type Report = (finding: PlacedFinding) => void;
