import { bytesOf } from './byte-text.ts';

/**
 * Returns a path of the document as requests have it: bytes beyond visible ASCII escaped,
 * escapes of unreserved characters decoded, hex digits in upper case, slash runs merged
 * (RFC 3986 section 6.2.2). So `/caf%c3%a9`, `/café` and `//café` are one path.
 */
export function comparablePath(text: string): string {
  return bytesOf(text)
    .replace(/[^!-~]/g, (byte) => escapeOf(byte.charCodeAt(0)))
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => comparableEscape(Number.parseInt(hex, 16)))
    .replace(/\/{2,}/g, '/');
}

function comparableEscape(code: number): string {
  const character = String.fromCharCode(code);
  return /[\w.~-]/.test(character) ? character : escapeOf(code);
}

function escapeOf(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
