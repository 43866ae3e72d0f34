/** Returns a byte string in base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: string): string {
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
