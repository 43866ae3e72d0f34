/**
 * Asks about each value that a query has for a name, decoded, until one passes. A name without
 * '=' has the value ''. Where the name is not there at all, the question is asked of undefined.
 */
export function anyQueryValue(
  query: string,
  name: string,
  test: (bytes: string | undefined) => boolean,
): boolean {
  let found = false;
  let start = 0;
  while (start < query.length) {
    const end = endOf('&', query, start, query.length);
    const nameEnd = endOf('=', query, start, end);
    if (isNamed(query, start, nameEnd, name)) {
      found = true;
      if (test(decoded(query.slice(nameEnd + 1, end)))) return true;
    }
    start = end + 1;
  }
  return !found && test(undefined);
}

function endOf(mark: '&' | '=', query: string, start: number, limit: number): number {
  const at = query.indexOf(mark, start);
  return at === -1 || at > limit ? limit : at;
}

/** Compares in place; only a name with an escape in it has to be decoded. */
function isNamed(query: string, start: number, end: number, name: string): boolean {
  if (end - start < name.length || end === start) return false;
  if (end - start === name.length && query.startsWith(name, start)) return true;
  const written = query.slice(start, end);
  return escapes.test(written) && decoded(written) === name;
}

const escapes = /[%+]/;

/** Returns the bytes that a part of a query means; what is no escape stays as it is. */
function decoded(written: string): string {
  if (!escapes.test(written)) return written;
  return written.replaceAll('+', ' ').replace(/%([0-9A-Fa-f]{2})/g, byteOf);
}

function byteOf(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
