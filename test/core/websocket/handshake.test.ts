import { createHash } from 'node:crypto';
import { test } from 'tap';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
} from '#core/http1/request-head';
import { ResponseHead, scanResponseHead } from '#core/http1/response-head';
import { handshakeRefusal, keyOf, switchRefusal } from '#core/websocket/handshake';
import { sampleAccept, sampleKey } from '../../support/web-socket.ts';
import { bytesOf } from '../http1/any-request.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('base64');

function requestOf(lines: string): RequestHead {
  const head = new RequestHead();
  const text = `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`;
  scanRequestHead(head, bytesOf(text), 0, text.length, requestLimits);
  stripHopByHop(head, new Set());
  return head;
}

const version = 'Sec-WebSocket-Version: 13\r\n';
const key = `Sec-WebSocket-Key: ${sampleKey}\r\n`;

for (const { lines, refusal, because } of [
  { lines: key + version, refusal: undefined, because: 'it has all that it must have' },
  {
    lines: `${key}sec-websocket-version:13  \r\n`,
    refusal: undefined,
    because: 'names have no case',
  },
  { lines: version, refusal: 'bad_websocket_key', because: 'there is no key' },
  {
    lines: `Sec-WebSocket-Key: \r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'it is empty',
  },
  {
    lines: `Sec-WebSocket-Key: aGVsbG8=\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'five bytes are no key',
  },
  {
    lines: `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWFiYWJh\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'nor are 21',
  },
  {
    lines: `Sec-WebSocket-Key: AAAdGhlIHNhbXBsZSBub25jZQ==\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'it has letters too many',
  },
  {
    lines: `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'its last letter stands for bits that are not there',
  },
  {
    lines: `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'it is not padded',
  },
  { lines: key + key + version, refusal: 'bad_websocket_key', because: 'two keys are no key' },
  {
    lines: `Connection: Sec-WebSocket-Key\r\n${key}${version}`,
    refusal: 'bad_websocket_key',
    because: 'what Connection names goes no further',
  },
  {
    lines: `Sec_WebSocket_Key: ${sampleKey}\r\n${version}`,
    refusal: 'bad_websocket_key',
    because: 'a twin is not it',
  },
  { lines: key, refusal: 'bad_websocket_version', because: 'there is no version' },
  {
    lines: `${key}Sec-WebSocket-Version: 8\r\n`,
    refusal: 'bad_websocket_version',
    because: 'only 13 is spoken',
  },
  {
    lines: `${key}${version}Sec-WebSocket-Version: 8\r\n`,
    refusal: 'bad_websocket_version',
    because: 'a client names one version',
  },
  {
    lines: 'Sec-WebSocket-Version: 8\r\n',
    refusal: 'bad_websocket_key',
    because: 'the key comes first',
  },
]) {
  test(`a handshake is ${refusal ?? 'taken'}: ${because}`, async (t) => {
    const head = requestOf(lines);
    t.ok(head.wantsUpgrade);
    t.equal(handshakeRefusal(head), refusal);
  });
}

test('the key is what the client sent', async (t) => {
  t.equal(keyOf(requestOf(key)), sampleKey);
  t.equal(keyOf(requestOf('')), '');
});

const names = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
const accept = `Sec-WebSocket-Accept: ${sampleAccept}\r\n`;

for (const { head: lines, taken, because, status = 'HTTP/1.1 101 S' } of [
  { head: names + accept, taken: true, because: 'it is the example of RFC 6455' },
  {
    head: `Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n${accept}`,
    taken: true,
    because: 'words have no case',
  },
  { head: names, taken: false, because: 'it proves nothing' },
  {
    head: `${names}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n`,
    taken: false,
    because: 'it proves that another key was read',
  },
  {
    head: `${names}Sec-WebSocket-Accept: ${sampleAccept.toLowerCase()}\r\n`,
    taken: false,
    because: 'base64 has case',
  },
  { head: names + accept + accept, taken: false, because: 'a proof is given once' },
  { head: `Connection: Upgrade\r\n${accept}`, taken: false, because: 'it names no protocol' },
  {
    head: `Upgrade: foo\r\nConnection: Upgrade\r\n${accept}`,
    taken: false,
    because: 'it names another one',
  },
  {
    head: `Upgrade: websocket, foo\r\nConnection: Upgrade\r\n${accept}`,
    taken: false,
    because: 'it names two',
  },
  { head: `Upgrade: websocket\r\n${accept}`, taken: false, because: 'Connection says nothing' },
  {
    head: `Upgrade: websocket\r\nConnection: Upgrade, Sec-WebSocket-Accept\r\n${accept}`,
    taken: false,
    because: 'its proof is for nobody behind us',
  },
  { head: names + accept, taken: false, status: 'HTTP/1.0 101 S', because: 'it is HTTP/1.0' },
]) {
  test(`a 101 is ${taken ? 'taken' : 'refused'}: ${because}`, async (t) => {
    const text = `${status}\r\n${lines}\r\n`;
    const head = new ResponseHead();
    t.equal(scanResponseHead(head, bytesOf(text), 0, text.length, false), text.length);
    t.equal(switchRefusal(head, sampleKey, sha1), taken ? undefined : 'bad_switch');
  });
}

test('a 101 with a length is refused before that', async (t) => {
  const text = `HTTP/1.1 101 S\r\n${names}${accept}Content-Length: 0\r\n\r\n`;
  const head = new ResponseHead();
  t.equal(scanResponseHead(head, bytesOf(text), 0, text.length, false), -1);
  t.equal(head.refusal, 'framed_interim');
});
