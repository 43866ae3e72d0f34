import type { Refusal } from '#core/http1/refusal';
import type { RequestHead } from '#core/http1/request-head';
import { type ResponseHead, stripResponseHopByHop } from '#core/http1/response-head';

/** Returns the SHA-1 of a text of ASCII, in base64. */
export type Sha1 = (text: string) => string;

/** RFC 6455 section 1.3. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** The base64 of 16 bytes: the last of its letters holds four bits. */
const keyPattern = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Field lines of an answer that refuses a version (RFC 9110 section 15.5.22, RFC 6455 section 4.4). */
export const spokenVersion =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';

/** Returns the key by which a server proves that it has read the handshake; '' without one. */
export function keyOf(head: RequestHead): string {
  return head.fieldText('sec-websocket-key') ?? '';
}

/**
 * Returns why a request that asks for a WebSocket cannot be one. To be called when the fields
 * of the connection are taken out: Connection may have named these too.
 */
export function handshakeRefusal(head: RequestHead): Refusal | undefined {
  if (!keyPattern.test(keyOf(head))) return 'bad_websocket_key';
  // Its frames are those that we can follow.
  return head.fieldText('sec-websocket-version') === '13' ? undefined : 'bad_websocket_version';
}

/**
 * Returns why a 101 does not answer the handshake with this key (RFC 6455 section 4.1). Takes
 * the fields of the connection out.
 */
export function switchRefusal(head: ResponseHead, key: string, sha1: Sha1): Refusal | undefined {
  const isNamed =
    head.minorVersion === 1 &&
    head.options.upgrade &&
    head.fieldText('upgrade')?.toLowerCase() === 'websocket';
  stripResponseHopByHop(head);
  const isProven = head.fieldText('sec-websocket-accept') === sha1(`${key}${guid}`);
  return isNamed && isProven ? undefined : 'bad_switch';
}
