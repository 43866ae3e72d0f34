import type { Condition, Finding } from './condition.ts';

/** Holds where all of these hold; they are asked in this order, until one does not. */
export function all(conditions: readonly Condition[]): Condition {
  const [only, ...more] = conditions;
  if (only !== undefined && more.length === 0) return only;
  return (facts) => {
    for (const condition of conditions) if (!condition(facts)) return false;
    return true;
  };
}

/** Holds where one of these holds; they are asked in this order, until one does. */
export function any(conditions: readonly Condition[]): Condition {
  return (facts) => {
    for (const condition of conditions) if (condition(facts)) return true;
    return false;
  };
}

export function not(condition: Condition): Condition {
  return (facts) => !condition(facts);
}

/** Returns what several conditions saw as one finding: `any`, `not`. */
export function combined(
  part: 'any' | 'not',
  holds: boolean,
  findings: readonly (readonly Finding[])[],
): Finding {
  const seen = findings.map((one) => one.map((finding) => finding.seen).join(', '));
  return { part, holds, seen: seen.join('; ') };
}
