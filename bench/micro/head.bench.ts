// What do scanning and writing a head cost, and where does the time go?

import type { Bytes } from '../../src/core/http1/bytes.ts';
import { framing } from '../../src/core/http1/framing.ts';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
  stripUntrusted,
} from '../../src/core/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../src/core/http1/response-head.ts';
import {
  RequestOutline,
  ResponseOutline,
  writeRequestHead,
  writeResponseHead,
} from '../../src/core/http1/write-head.ts';
import { type Measurement, measure, report } from '../harness.ts';

const heads = 64;

/** Heads of one kind, each a little different, each at another place of a larger buffer. */
function manyOf(head: (i: number) => string): readonly Bytes[] {
  return Array.from({ length: heads }, (_, i) => Buffer.from(head(i), 'latin1') as Buffer & Bytes);
}

const wrk = manyOf((i) => `GET /index.html?i=${i} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n`);

const browser = manyOf(
  (i) =>
    `GET /shop/category/shoes?page=${i}&sort=price HTTP/1.1\r\n` +
    'Host: shop.example.com\r\n' +
    'Connection: keep-alive\r\n' +
    'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"\r\n' +
    'sec-ch-ua-mobile: ?0\r\n' +
    'sec-ch-ua-platform: "Linux"\r\n' +
    'Upgrade-Insecure-Requests: 1\r\n' +
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36\r\n' +
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n' +
    'Sec-Fetch-Mode: navigate\r\n' +
    'Accept-Encoding: gzip, deflate, br, zstd\r\n' +
    'Accept-Language: en-US,en;q=0.9\r\n' +
    `Cookie: uid=0123456789abcdef${i}; theme=dark\r\n\r\n`,
);

const response = manyOf(
  (i) =>
    'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n' +
    `Content-Length: ${1000 + i}\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\nETag: "${i}"\r\n` +
    'Cache-Control: max-age=60\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n',
);

function at(list: readonly Bytes[], i: number): Bytes {
  return list[i % heads] as Bytes;
}

const head = new RequestHead();
const outline = new RequestOutline();
outline.peer = '203.0.113.7';
const responseHead = new ResponseHead();
const responseOutline = new ResponseOutline();
const out = Buffer.allocUnsafeSlow(64 * 1024) as Buffer & Bytes;
const noNames: ReadonlySet<string> = new Set();

function scan(list: readonly Bytes[]): Measurement['run'] {
  return (i) => {
    const bytes = at(list, i);
    return scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
  };
}

function scanAndWrite(list: readonly Bytes[]): Measurement['run'] {
  return (i) => {
    const bytes = at(list, i);
    scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
    stripHopByHop(head, noNames);
    stripUntrusted(head, new Set());
    outline.framing = head.framing;
    outline.contentLength = head.contentLength;
    return writeRequestHead(out, 0, head, outline);
  };
}

function facts(list: readonly Bytes[]): Measurement['run'] {
  return (i) => {
    const bytes = at(list, i);
    scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
    const path = head.matchedPath(head.forwardedPath());
    return path.length + head.hostText().length + head.method.length;
  };
}

report('What do scanning and writing a head cost?', [
  measure('baseline: pick a head', (i) => at(browser, i).length),
  measure(`scan, wrk (${at(wrk, 0).length} bytes)`, scan(wrk)),
  measure(`scan, browser (${at(browser, 0).length} bytes)`, scan(browser)),
  measure('scan and path as text, browser', facts(browser)),
  measure('scan, strip and write, wrk', scanAndWrite(wrk)),
  measure('scan, strip and write, browser', scanAndWrite(browser)),
  measure('scan and cookie, browser', (i) => {
    const bytes = at(browser, i);
    scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
    return head.cookie('theme')?.length ?? 0;
  }),
  measure(`scan, response (${at(response, 0).length} bytes)`, (i) => {
    const bytes = at(response, i);
    return scanResponseHead(responseHead, bytes, 0, bytes.length, false);
  }),
  measure('scan and write, response', (i) => {
    const bytes = at(response, i);
    scanResponseHead(responseHead, bytes, 0, bytes.length, false);
    responseOutline.framing = framing.length;
    responseOutline.contentLength = responseHead.contentLength;
    return writeResponseHead(out, 0, responseHead, responseOutline);
  }),
]);
