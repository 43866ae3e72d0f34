import type { Bytes } from './bytes.ts';

/**
 * Numbers of the fields that we know by name; all others are `other`. Those up to
 * `maxForwards` decide how the message is read.
 */
export const field = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  te: 5,
  upgrade: 6,
  expect: 7,
  via: 8,
  maxForwards: 9,
  trailer: 10,
  keepAlive: 11,
  proxyConnection: 12,
  proxyAuthorization: 13,
  proxyAuthenticate: 14,
  http2Settings: 15,
  cookie: 16,
  setCookie: 17,
  authorization: 18,
  userAgent: 19,
  accept: 20,
  acceptLanguage: 21,
  acceptEncoding: 22,
  contentType: 23,
  date: 24,
  server: 25,
  location: 26,
  xForwardedFor: 27,
  xForwardedProto: 28,
  xForwardedHost: 29,
  xForwardedPort: 30,
  forwarded: 31,
  xRealIp: 32,
  secWebsocketKey: 33,
  secWebsocketVersion: 34,
  secWebsocketAccept: 35,
  /** Any other name that begins with `x-forwarded-`. */
  xForwardedOther: 36,
  /** Any name that begins with `x-turnout-`. */
  xTurnoutOther: 37,
} as const;

export const lastDecisive = field.maxForwards;

const prefixes: readonly (readonly [prefix: string, id: number])[] = [
  ['x-forwarded-', field.xForwardedOther],
  ['x-turnout-', field.xTurnoutOther],
];

/** Known names in lower case, by number. */
const names: readonly string[] = Object.keys(field).map((key) =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
);

/** Numbers of the known names; the rest goes by prefix or is `other`. */
const idsByName: ReadonlyMap<string, number> = new Map(
  Object.entries(field)
    .filter(([key]) => !/[oO]ther$/.test(key))
    .map(([, id]) => [names[id] ?? '', id]),
);

const hashMask = 127;

function hashOf(length: number, first: number, last: number): number {
  return (length * 23 + (first | 0x20) * 3 + (last | 0x20) * 11) & hashMask;
}

/** By hash the first known name, and by number the next of the same hash. */
const firstByHash = new Uint8Array(hashMask + 1);
const nextByHash = new Uint8Array(names.length);
/** The bytes of name `id` begin at `id * nameRoom`. */
const nameRoom = 32;
const nameBytes = new Uint8Array(names.length * nameRoom);
const nameLengths = new Uint8Array(names.length);
for (const [name, id] of idsByName) {
  const hash = hashOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1));
  nextByHash[id] = firstByHash[hash] as number;
  firstByHash[hash] = id;
  nameLengths[id] = name.length;
  for (let i = 0; i < name.length; i++) nameBytes[id * nameRoom + i] = name.charCodeAt(i);
}

const LOWER_X = 0x78;
/** Sets the bit that makes a letter lower case; no other byte of a token becomes one of a known name. */
const LOWER = 0x20;

/** Returns the number of the field whose name, a token, stands in `bytes`. */
export function fieldIdOf(bytes: Bytes, start: number, end: number): number {
  const length = end - start;
  const first = bytes[start] as number;
  let id = firstByHash[hashOf(length, first, bytes[end - 1] as number)] as number;
  while (id !== 0) {
    if (nameLengths[id] === length && isName(bytes, start, length, id * nameRoom)) return id;
    id = nextByHash[id] as number;
  }
  return (first | LOWER) === LOWER_X ? prefixIdOf(bytes, start, end) : field.other;
}

function isName(bytes: Bytes, start: number, length: number, nameStart: number): boolean {
  for (let i = 0; i < length; i++) {
    if (((bytes[start + i] as number) | LOWER) !== nameBytes[nameStart + i]) return false;
  }
  return true;
}

function prefixIdOf(bytes: Bytes, start: number, end: number): number {
  for (const [prefix, id] of prefixes) {
    const { length } = prefix;
    if (end - start > length && equalsName(bytes, start, start + length, prefix)) return id;
  }
  return field.other;
}

/** Whether the token in `bytes` is this name, which is given in lower case. */
export function equalsName(bytes: Bytes, start: number, end: number, lowerCase: string): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    const byte = bytes[start + i] as number;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | LOWER : byte;
    if (lower !== lowerCase.charCodeAt(i)) return false;
  }
  return true;
}

/** Returns the number of a name in lower case. */
export function fieldIdOfName(lowerCase: string): number {
  const id = idsByName.get(lowerCase);
  if (id !== undefined) return id;
  for (const [prefix, prefixId] of prefixes) {
    if (lowerCase.length > prefix.length && lowerCase.startsWith(prefix)) return prefixId;
  }
  return field.other;
}
