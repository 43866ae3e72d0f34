import type { Bytes } from './bytes.ts';
import { unmapped } from './client-address.ts';
import { clientScheme, type Scheme } from './client-scheme.ts';
import { field } from './field-id.ts';
import { validHost } from './host-value.ts';
import type { RequestHead } from './request-head.ts';
import { onlyIndex, singleValue } from './single-value.ts';

/** What of a request's outline says who the client is. */
interface Seen {
  readonly peer: string;
  readonly proto: Scheme;
  readonly port: number;
}

/** What was written for a peer that asked a host. */
interface Said extends Seen {
  readonly authority: string;
  readonly minorVersion: number;
  readonly text: string;
}

/** A power of two. Who shares a place pays what all would pay without. */
const places = 4_096;

/**
 * Writes who sent a request and how: X-Forwarded-For, -Proto, -Host and -Port, Forwarded
 * where there is one, and Via.
 *
 * The head holds such fields only if a trusted proxy sent them. Then the peer is added to
 * For, and the others stay if there is one and it is well formed; else they say what we
 * saw. What was written is remembered by peer and host, because most requests say what another
 * one has said before. One object serves all connections.
 */
export class ForwardedLines {
  readonly #said: (Said | undefined)[] = Array.from({ length: places });

  /** `edited`: names that a rule has taken out or set itself; these are not written. */
  write(
    out: Bytes,
    at: number,
    head: RequestHead,
    seen: Seen,
    edited: ReadonlySet<string> | undefined,
  ): number {
    const all = hasForwarded(head) ? toldText(head, seen) : this.#seenText(head, seen);
    const text = edited === undefined ? all : withoutEdited(all, edited);
    return text === '' ? at : at + out.latin1Write(text, at);
  }

  #seenText(head: RequestHead, seen: Seen): string {
    const { peer, proto, port } = seen;
    const { minorVersion } = head;
    const authority = head.authorityText();
    const place = (hash(peer) ^ head.hostHash) & (places - 1);
    const said = this.#said[place];
    const isSame =
      said !== undefined &&
      said.peer === peer &&
      said.authority === authority &&
      said.proto === proto &&
      said.port === port &&
      said.minorVersion === minorVersion;
    if (isSame) return said.text;
    const text = toldText(head, seen);
    this.#said[place] = { peer, proto, port, authority, minorVersion, text };
    return text;
  }
}

/** FNV-1a. */
function hash(peer: string): number {
  let hashed = 0x811c9dc5;
  for (let at = 0; at < peer.length; at++) {
    hashed = Math.imul(hashed ^ peer.charCodeAt(at), 0x01000193);
  }
  return hashed ^ (hashed >>> 15);
}

const ourNames = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
  'via',
];

function withoutEdited(text: string, edited: ReadonlySet<string>): string {
  if (!ourNames.some((name) => edited.has(name))) return text;
  const lines = text.match(/.*\r\n/g) ?? [];
  return lines
    .filter((line) => !edited.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .join('');
}

function hasForwarded(head: RequestHead): boolean {
  const { lines } = head;
  const { ids, dropped, count } = lines;
  for (let index = 0; index < count; index++) {
    const id = ids[index] as number;
    if (id >= field.xForwardedFor && id <= field.forwarded && dropped[index] === 0) return true;
  }
  return false;
}

function toldText(head: RequestHead, seen: Seen): string {
  const authority = head.authorityText();
  const before = head.fieldText('x-forwarded-for');
  const known = before === undefined || before === '' ? '' : `${before}, `;
  const proto = clientScheme(head, seen.proto);
  const host = singleHost(head) ?? authority;
  const port =
    singleValue(head, field.xForwardedPort, /^[1-9][0-9]{0,4}$/) ?? `${portOf(head, seen)}`;
  let text = `X-Forwarded-For: ${known}${unmapped(seen.peer)}\r\nX-Forwarded-Proto: ${proto}\r\n`;
  if (host !== '') text += `X-Forwarded-Host: ${host}\r\n`;
  text += `X-Forwarded-Port: ${port}\r\n`;
  if (head.indexOfField(field.forwarded) >= 0) text += forwardedLine(seen, authority);
  return `${text}Via: 1.${head.minorVersion} turnout\r\n`;
}

function singleHost(head: RequestHead): string | undefined {
  const index = onlyIndex(head, field.xForwardedHost);
  const value = index < 0 ? '' : head.lines.value(index);
  return validHost(value) ? value : undefined;
}

function portOf(head: RequestHead, seen: Seen): number {
  if (seen.port > 0) return seen.port;
  if (head.hostEnd > 0 && head.port > 0) return head.port;
  return seen.proto === 'https' ? 443 : 80;
}

/** RFC 7239: one more entry, in a line of its own behind those that are there. */
function forwardedLine(seen: Seen, authority: string): string {
  const peer = unmapped(seen.peer);
  const by = peer.includes(':') ? `"[${peer}]"` : peer;
  const host = authority === '' ? '' : `;host="${authority}"`;
  return `Forwarded: for=${by};proto=${seen.proto}${host}\r\n`;
}
