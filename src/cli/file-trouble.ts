import { exitCodes, Trouble } from './trouble.ts';

const causes: Readonly<Record<string, { readonly cause: string; readonly remedy: string }>> = {
  ENOENT: { cause: 'does not exist', remedy: 'check the path; it counts from the current folder' },
  EACCES: { cause: 'may not be read', remedy: 'check its owner and mode' },
  EISDIR: { cause: 'is a folder', remedy: 'name the file in it' },
};

/** Returns a sentence for a file that could not be read: what it was to be, where, why. */
export function fileTrouble(what: string, file: string, error: unknown): Trouble {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = causes[code];
  const cause = known?.cause ?? `cannot be read: ${error instanceof Error ? error.message : error}`;
  return new Trouble(exitCodes.wrongUse, `${what} ${file} ${cause}`, known?.remedy);
}
