import { test } from 'tap';
import { proxied } from '../support/proxied.ts';
import { answering, response } from '../support/raw-origin.ts';

const rules = (url: string) => `apiVersion: turnout/v1
routes:
  - name: registry
    match: { path: /packages }
    versions: { v1: { url: "${url}" } }
  - name: shop
    versions: { v1: { url: "${url}" } }
    encodedSlash: refuse
`;

for (const path of ['/admin%2Fusers', '/admin%2fusers', '/a%5C..%5cb', '/a/%2F', '/a%2F?b']) {
  test(`a route that refuses escaped slashes refuses ${path}`, async (t) => {
    const { client, origin, proxy } = await proxied(t, answering(response('ok')), { rules });
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`);
    await client.ends();
    t.match(
      client.received,
      /^HTTP\/1\.1 400 [\s\S]*\r\nConnection: close\r\n[\s\S]*"error":"encoded_slash"/,
    );
    t.equal(origin.connections.length, 0);
    t.same(proxy.refused, ['encoded_slash']);
    t.match(proxy.seen, [{ route: 'shop', failure: 'bad_request', status: 400 }]);
  });
}

for (const path of ['/packages/@scope%2Fname', '/a%252Fb', '/a?b=%2F', '/a/b']) {
  test(`nothing is refused of ${path}`, async (t) => {
    const { client, origin } = await proxied(t, answering(response('ok')), { rules });
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.receives('ok');
    t.ok(origin.connections[0]?.received.startsWith(`GET ${path} HTTP/1.1\r\n`));
  });
}
