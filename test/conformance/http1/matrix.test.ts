import { test } from 'tap';
import type { CanonicalRequest } from '../../support/canonical-request.ts';
import { counted } from '../../support/counted.ts';
import { faultOnSockets } from '../../support/on-sockets.ts';
import { matrix } from './matrix.ts';

for (const reading of ['borrowed', 'events'] as const) {
  test(`24 of 24 are refused, and no version sees any of them (${reading} reads)`, async (t) => {
    const here = await counted(t, reading);
    const refused = matrix('refuse');
    t.equal(refused.length, 24);
    for (const [number, { name, text }] of refused.entries()) {
      for (const isByByte of [false, true]) {
        const from = `127.1.${isByByte ? 1 : 0}.${number + 1}`;
        const cuts = isByByte ? Array.from(text, (_, at) => at) : [];
        t.equal(await faultOnSockets(here, { text, cuts, from }), undefined, name);
      }
    }
    t.equal(here.proxy.refused.length, 48, 'each is counted');
    t.same(here.origin.requests, []);
  });

  test(`what is only unusual passes (${reading} reads)`, async (t) => {
    const here = await counted(t, reading);
    const passed = matrix('pass');
    t.equal(passed.length, 9);
    for (const [number, { name, text }] of passed.entries()) {
      const from = `127.1.2.${number + 1}`;
      t.equal(await faultOnSockets(here, { text, cuts: [], from }), undefined, name);
    }
    const { requests } = here.origin;
    t.equal(requests.length, 9);
    const has = (wanted: (request: CanonicalRequest) => boolean) => requests.some(wanted);
    t.ok(has(({ method, body }) => method === 'PROPFIND' && body === 'abc'));
    t.ok(has(({ method }) => method === 'VERSION-CONTROL'));
    t.ok(has(({ target }) => target === '/a%2Fb%2f..%2Fc'));
    t.ok(has(({ target, host }) => target === '//evil.example/x' && host === 'a.example'));
    t.ok(has(({ fields }) => fields.includes('café ÿ\x80')));
    t.ok(has(({ method, body }) => method === 'GET' && body === 'abc'));
    t.ok(has(({ trailers }) => trailers === 'X-Check: abc\r\nServer-Timing: a\r\n'));
    t.ok(has(({ target }) => target === '/?a=1?b&c=%'));
    t.ok(has(({ fields }) => fields.includes(';;=;a=1;;')));
  });

  test(`what could harm is harmless (${reading} reads)`, async (t) => {
    const here = await counted(t, reading);
    const harmless = matrix('harmless');
    t.equal(harmless.length, 5);
    for (const [number, { name, text }] of harmless.entries()) {
      const from = `127.1.3.${number + 1}`;
      t.equal(await faultOnSockets(here, { text, cuts: [], from }), undefined, name);
    }
    const names = here.origin.requests.flatMap(({ fields }) =>
      fields.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()),
    );
    for (const gone of [
      'upgrade',
      'http2-settings',
      'x-secret',
      'connection',
      'trailer',
      'x_forwarded_for',
    ])
      t.notOk(names.includes(gone), gone);
    t.equal(here.origin.requests.length, 5);
  });
}
