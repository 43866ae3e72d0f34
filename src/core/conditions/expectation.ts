/**
 * Returns what a schema says of a value that does not fit: the code of the problem, "must be …",
 * and in a second line a hint. Who reports it puts the path before and the value behind it.
 */
export function mustBe(code: ProblemCode, what: string, hint?: string): string {
  return `${code} must be ${what}${hint === undefined ? '' : `\n${hint}`}`;
}

export type ProblemCode = `TN${number}`;
