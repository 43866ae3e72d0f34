import { textOf } from './byte-text.ts';

const maxCharacters = 40;

/** Returns a text in quotes as people are shown it: one line, nothing invisible, not too long. */
export function quoted(text: string): string {
  const characters = [...text];
  const cut = characters.length > maxCharacters;
  const shown = cut ? characters.slice(0, maxCharacters - 1).join('') : text;
  return `"${shown.replace(invisible, escaped)}${cut ? '…' : ''}"`;
}

/** The same for bytes of a request. */
export function quotedBytes(bytes: string): string {
  return quoted(textOf(bytes));
}

/** Controls, line and paragraph separators, marks that turn the direction of writing. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"\\]/gu;

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
