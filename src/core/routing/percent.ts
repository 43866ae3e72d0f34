/** Returns a byte as a percent escape, its digits in upper case (RFC 3986 section 6.2.2.1). */
export function percentEscape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
