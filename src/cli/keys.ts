import { readFileSync } from 'node:fs';
import { fileTrouble } from './file-trouble.ts';
import { exitCodes, Trouble } from './trouble.ts';

const minSecretBytes = 16;

/** Keys by id, in the order of the file: the first one signs, all of them are believed. */
export type Keys = ReadonlyMap<string, Buffer>;

export type ReadKeys =
  | { readonly keys: Keys; readonly problems?: never }
  | { readonly keys?: never; readonly problems: readonly string[] };

/**
 * Returns the keys a text holds, or what is wrong with its lines.
 *
 * A line is `id:secret`; the secret is hex digits or base64 (either alphabet) of at
 * least 128 bits; a text of hex digits only is read as hex. `#` begins a comment line.
 * No message repeats a secret.
 */
export function parseKeys(text: string): ReadKeys {
  const keys = new Map<string, Buffer>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const problem = addKey(keys, line.trim());
    if (problem !== undefined) problems.push(`line ${index + 1}: ${problem}`);
  }
  if (keys.size === 0 && problems.length === 0) problems.push('holds no key');
  return problems.length > 0 ? { problems } : { keys };
}

function addKey(keys: Map<string, Buffer>, line: string): string | undefined {
  const colon = line.indexOf(':');
  const id = line.slice(0, Math.max(colon, 0));
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
    return 'a key must be ID:SECRET, the id 1 to 32 letters, digits, "_" or "-"';
  }
  if (keys.has(id)) return `the id "${id}" is there twice`;
  const secret = secretOf(line.slice(colon + 1));
  if (secret === undefined) return `the secret of "${id}" must be hex digits or base64`;
  if (secret.length < minSecretBytes) {
    return `the secret of "${id}" must have at least 128 bits, got ${secret.length * 8}`;
  }
  keys.set(id, secret);
  return undefined;
}

function secretOf(text: string): Buffer | undefined {
  if (/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** Returns the keys of a file; throws `Trouble` where it cannot be used. */
export function readKeys(file: string): Keys {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileTrouble('the keys file', file, error);
  }
  const read = parseKeys(text);
  if (read.problems === undefined) return read.keys;
  throw new Trouble(
    exitCodes.wrongUse,
    read.problems.map((problem) => `${file}: ${problem}`).join('\n'),
    `a key can be made with: echo "k1:$(openssl rand -base64 32)" > ${file}`,
  );
}
