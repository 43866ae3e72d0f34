/** Tables that say of each byte what it may be part of. */

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const member of members) table[member.charCodeAt(0)] = 1;
  return table;
}

function between(first: number, last: number): string {
  return String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

const digits = '0123456789';
const upperLetters = between(0x41, 0x5a);
const letters = `${upperLetters}${upperLetters.toLowerCase()}`;

/** In a field's name `_` is marked apart: some servers read it as `-`. */
export const underscore = 2;

/** RFC 9110 section 5.6.2: `token`. 0: not part of one; `underscore` for `_`. */
export const tokenBytes = tableOf(`!#$%&'*+-.^\`|~${digits}${letters}`);
tokenBytes[0x5f] = underscore;

/** RFC 9110 section 5.5: visible bytes, spaces and tabs, and what is beyond ASCII. */
export const valueBytes = tableOf(`\t${between(0x20, 0x7e)}${between(0x80, 0xff)}`);

/** Methods we know how to forward: those of upper case. */
export const methodBytes = tableOf(`-${upperLetters}`);

/** What of a path needs no second look. */
export const pathStop = 1;
export const pathBytes = tableOf(between(0x00, 0xff));
for (let byte = 0x21; byte <= 0x7e; byte++) pathBytes[byte] = 0;
for (const stop of '/?#%\\') pathBytes[stop.charCodeAt(0)] = pathStop;

/** What ends a query: all but visible ASCII, and `#`. */
export const queryBytes = tableOf(between(0x00, 0xff));
for (let byte = 0x21; byte <= 0x7e; byte++) queryBytes[byte] = 0;
queryBytes[0x23] = 1;

/** Value of a hex digit; 255 for all other bytes. */
export const hexValues = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** What an authority is made of as far as its end: `/`, `?`, and what may not stand there. */
export const authorityBytes = queryBytes.map((stops) => 1 - stops);
for (const stop of '/?@\\') authorityBytes[stop.charCodeAt(0)] = 0;
