import { readFile } from 'node:fs/promises';
import { fileTrouble } from './file-trouble.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** Returns the ids a file lists, one a line, nothing trimmed; empty lines are left out. */
export async function readUnits(file: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fileTrouble('the units file', file, error);
  }
  const units = text.split(/\r?\n/).filter((line) => line !== '');
  if (units.length > 0) return units;
  throw new Trouble(exitCodes.wrongUse, `the units file ${file} lists none`, 'write one id a line');
}
