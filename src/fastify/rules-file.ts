import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { TurnoutOptions } from './options.ts';

/** Where the document comes from. */
export interface RulesSource {
  /** As people know it, for the places of problems. */
  readonly name: string;
  /** Undefined where the document was given as text. */
  readonly path: string | undefined;
  readonly text: () => Promise<string>;
}

export function rulesSource(rules: TurnoutOptions['rules']): RulesSource {
  if (typeof rules !== 'string') {
    return { name: 'rules', path: undefined, text: async () => rules.text };
  }
  const path = resolve(rules);
  return { name: basename(path), path, text: () => readRules(path) };
}

/** A document is read as it was written: bytes that are no UTF-8 are not mended. */
async function readRules(path: string): Promise<string> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: is not UTF-8 text`);
  }
}
