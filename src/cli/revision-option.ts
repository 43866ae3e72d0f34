import { exitCodes, Trouble } from './trouble.ts';

/** Returns the number of a revision as a flag says it. */
export function revisionOf(text: string, flag: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  const must = `${flag} must be the number of a revision`;
  throw new Trouble(exitCodes.wrongUse, `${must}, got "${text}"`);
}
