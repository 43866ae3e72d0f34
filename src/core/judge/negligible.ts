import { logMeanExp } from './log-sum-exp.ts';

/** How far below the limit the truth might be, as parts of it. */
export const negligibleParts = [0, 0.1, 0.3] as const;

/**
 * Returns the logarithm of the evidence that a share is below `limit`, after `failing` of `seen`.
 *
 * For versions that fail so rarely that they cannot be compared: 3,400 without any pass a limit of
 * 0.1 % at a risk of 5 %.
 */
export function negligibleLogE(
  failing: number,
  seen: number,
  limit: number,
  parts: readonly number[] = negligibleParts,
): number {
  return logMeanExp(
    parts.map((part) => {
      const rare = failing === 0 ? 0 : failing * Math.log(part);
      return rare + (seen - failing) * (Math.log1p(-part * limit) - Math.log1p(-limit));
    }),
  );
}
