/**
 * Returns a path without its dot segments (RFC 3986 section 5.2.4), `%2e` being a dot.
 * Nothing else is changed. Dots above the root stop there; the scanner refuses them.
 */
export function withoutDotSegments(path: string): string {
  if (!/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const dots = dotsOf(segment);
    if (dots === 2) kept.pop();
    if (dots === 0) kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** Returns 1 for `.`, 2 for `..`, 0 for all other segments. */
function dotsOf(segment: string): number {
  if (segment.length === 0 || segment.length > 6) return 0;
  const dots = segment.replace(/%2e/gi, '.');
  return dots === '.' ? 1 : dots === '..' ? 2 : 0;
}

/**
 * Returns the path that rules are compared with: escapes of unreserved characters decoded
 * once, hex digits of the others in upper case, slash runs merged (RFC 3986 section 6.2.2).
 * `%2F` stays data within its segment. Applied twice it changes nothing more.
 */
export function comparedPath(path: string): string {
  return path
    .replace(/%[0-9A-Fa-f]{2}/g, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : encoded.toUpperCase();
    })
    .replace(/\/{2,}/g, '/');
}
