import type * as z from 'zod';

/** The stable code of a problem; docs/reference/problems.md has a row for each. */
export type ProblemCode = `TN${number}`;

/**
 * Returns what a schema says of a value that does not fit: the code of the problem, "must be …",
 * and in a second line a hint. Who reports it puts the path before and the value behind it.
 */
export function mustBe(code: ProblemCode, what: string, hint?: string): string {
  return `${code} must be ${what}${hint === undefined ? '' : `\n${hint}`}`;
}

/** The same where no value has to be shown. */
export function mustHave(code: ProblemCode, what: string, hint?: string): string {
  return `${code} must have ${what}${hint === undefined ? '' : `\n${hint}`}`;
}

/** Returns a refinement: one of these keys is there, and not two. */
export function exactlyOneOf(
  ...keys: readonly string[]
): (value: object, context: z.core.$RefinementCtx) => void {
  return (value, context) => {
    const present = keys.filter((key) => key in value);
    if (present.length === 1) return;
    const message =
      present.length === 0
        ? mustHave('TN2003', `one of ${keys.join(', ')}`)
        : mustHave('TN2003', `only one of ${keys.join(', ')}; it has ${present.join(' and ')}`);
    context.addIssue({ code: 'custom', message });
  };
}
