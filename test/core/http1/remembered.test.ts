import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import { framing } from '#core/http1/framing';
import { readHost } from '#core/http1/host-value';
import { RequestHead, requestLimits, scanRequestHead } from '#core/http1/request-head';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';

// What is remembered of earlier requests, hosts and what was said of a client, must never show
// in another one's. There are more of both here than there are places for them.

const out = Buffer.alloc(8 * 1024) as Buffer & Bytes;
const head = new RequestHead();
const outline = Object.assign(new RequestOutline(), { framing: framing.none });

function scan(host: string): number {
  const bytes = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'latin1') as Buffer & Bytes;
  return scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
}

test('each host is its own, however many were read between', (t) => {
  const hosts = Array.from({ length: 20_000 }, (_, n) =>
    n % 3 === 0 ? `Shop-${n}.Example.com:${1 + n}` : `shop-${n}.example.com`,
  );
  const wrong: string[] = [];
  for (let round = 0; round < 2; round++) {
    for (const host of hosts) {
      scan(host);
      const { name, port } = readHost(host) ?? { name: '', port: -1 };
      const isRight =
        head.hostText() === name && head.port === port && head.authorityText() === host;
      if (!isRight) wrong.push(`${host} became ${head.hostText()}:${head.port}`);
    }
  }
  t.same(wrong, []);
  t.end();
});

test('a host that is refused is refused each time, whoever was read between', (t) => {
  for (let i = 0; i < 3; i++) {
    t.equal(scan('a b'), -1);
    t.ok(scan('a.example.com') > 0);
    t.equal(head.hostText(), 'a.example.com');
  }
  t.end();
});

test('what is said of a client is said of no other', (t) => {
  const wrong: string[] = [];
  let state = 1;
  for (let i = 0; i < 50_000; i++) {
    state = (state * 48_271) % 2_147_483_647;
    const peer = `10.${state % 7}.${(state >> 8) % 32}.${(state >> 16) % 32}`;
    const host = `shop-${(state >> 4) % 50}.example.com`;
    const proto = state % 2 === 0 ? 'http' : 'https';
    scan(host);
    Object.assign(outline, { peer, proto });
    const text = out.latin1Slice(0, writeRequestHead(out, 0, head, outline));
    const port = proto === 'http' ? 80 : 443;
    const said =
      `X-Forwarded-For: ${peer}\r\nX-Forwarded-Proto: ${proto}\r\n` +
      `X-Forwarded-Host: ${host}\r\nX-Forwarded-Port: ${port}\r\nVia: 1.1 turnout\r\n\r\n`;
    if (!text.endsWith(said)) wrong.push(text);
  }
  t.same(wrong.slice(0, 3), []);
  t.end();
});
