import { type ConnectionOptions, dropNominated } from './connection-options.ts';
import { field, fieldIdOfName } from './field-id.ts';
import type { FieldLines } from './field-lines.ts';

function flags(...ids: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const id of ids) table[id] = 1;
  return table;
}

/** RFC 9110 section 7.6.1: what is between us and our neighbour only. */
const hopByHop = flags(
  field.connection,
  field.te,
  field.keepAlive,
  field.proxyConnection,
  field.proxyAuthorization,
  field.transferEncoding,
  field.upgrade,
  field.http2Settings,
);

/** What a client can't remove by naming it in Connection (CVE-2026-33805). */
const neverNominated = flags(
  field.host,
  field.contentLength,
  field.expect,
  field.via,
  field.maxForwards,
  field.authorization,
  field.cookie,
  field.setCookie,
  field.forwarded,
  field.xForwardedFor,
  field.xForwardedProto,
  field.xForwardedHost,
  field.xForwardedPort,
  field.xForwardedOther,
  field.xRealIp,
  field.xTurnoutOther,
);

/** What only a trusted proxy may say. */
const trustedOnly = flags(
  field.forwarded,
  field.xForwardedFor,
  field.xForwardedProto,
  field.xForwardedHost,
  field.xForwardedPort,
  field.xForwardedOther,
  field.xRealIp,
  field.xTurnoutOther,
);

/** Names of the document's rules, in lower case: Connection can't remove them either. */
export type Names = ReadonlySet<string>;

/** Drops the fields of the connection, and those that Connection names. */
export function dropHopByHop(lines: FieldLines, options: ConnectionOptions, kept: Names): void {
  if (options.hasNames) {
    dropNominated(lines, (name) => neverNominated[fieldIdOfName(name)] === 1 || kept.has(name));
  }
  dropFlagged(lines, hopByHop);
}

/**
 * Drops what only a trusted proxy may say of the client. Our own fields stay if a rule names
 * them: an override is heard from anybody, and believed or not when it has been looked at.
 */
export function dropTrustedOnly(lines: FieldLines, heard: Names): void {
  const { ids, dropped, count } = lines;
  for (let index = 0; index < count; index++) {
    const id = ids[index] as number;
    if (trustedOnly[id] !== 1) continue;
    if (id !== field.xTurnoutOther || !heard.has(lines.name(index))) dropped[index] = 1;
  }
}

function dropFlagged(lines: FieldLines, flagged: Uint8Array): void {
  const { ids, dropped, count } = lines;
  for (let index = 0; index < count; index++) {
    if (flagged[ids[index] as number] === 1) dropped[index] = 1;
  }
}

export function dropField(lines: FieldLines, id: number): void {
  const { ids, dropped, count } = lines;
  for (let index = 0; index < count; index++) if (ids[index] === id) dropped[index] = 1;
}

/**
 * Drops fields whose name is that of a field we know or of a rule once `_` is read as `-`:
 * CGI and its heirs take `X_Forwarded_For` for `X-Forwarded-For`.
 */
export function dropTwins(lines: FieldLines, names: Names): void {
  for (let index = 0; index < lines.count; index++) {
    const name = lines.name(index);
    const twin = name.replaceAll('_', '-');
    const isOther = twin === name || (fieldIdOfName(twin) === field.other && !names.has(twin));
    if (!isOther) lines.dropped[index] = 1;
  }
}
