import { readFile } from 'node:fs/promises';

const minBits = 128;

export type ReadTokens =
  | { readonly tokens: readonly string[]; readonly problem?: never }
  | { readonly tokens?: never; readonly problem: string };

/**
 * Returns the tokens of a text, one a line, or what is wrong with it. `#` begins a comment.
 * No message repeats a token.
 */
export function parseTokens(text: string): ReadTokens {
  const tokens: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const token = line.trim();
    if (token === '' || token.startsWith('#')) continue;
    const problem = tokenProblem(token);
    if (problem !== undefined) return { problem: `line ${index + 1}: ${problem}` };
    tokens.push(token);
  }
  return tokens.length === 0 ? { problem: 'it holds no token' } : { tokens };
}

/** Characters of RFC 6750 section 2.1; hex digits only count 4 bits each, others 6. */
function tokenProblem(token: string): string | undefined {
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) {
    return 'a token must be letters, digits and ".", "_", "~", "+", "/", "-"';
  }
  const bitsOfEach = /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(token) ? 4 : 6;
  const bits = token.replace(/=+$/, '').length * bitsOfEach;
  return bits < minBits ? `a token must have at least ${minBits} bits, got ${bits}` : undefined;
}

/**
 * Returns the tokens of a file as it is now: read each time one is shown, so that a new one
 * counts at once and a removed one no longer. A file that cannot be used holds none.
 */
export function tokensOfFile(
  file: string | undefined,
  warn: (problem: string) => void,
): () => Promise<readonly string[]> {
  if (file === undefined) return async () => [];
  let told: string | undefined;
  return async () => {
    const { tokens, problem } = await readTokens(file);
    if (problem !== undefined && problem !== told) warn(`${file}: ${problem}`);
    told = problem;
    return tokens ?? [];
  };
}

/** Returns the tokens of a file, or why there are none. */
export async function readTokens(file: string): Promise<ReadTokens> {
  try {
    return parseTokens(await readFile(file, 'utf8'));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
