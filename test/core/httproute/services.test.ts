import { test } from 'tap';
import { foundIn, httpRoute, routesOf } from './an-object.ts';

/** Where a backendRef leads, given what `services` says. */
for (const { that, services, reference, leads } of [
  {
    that: 'a name',
    services: '{ a: "http://x:1" }',
    reference: '{ name: a, port: 8080 }',
    leads: 'http://x:1',
  },
  {
    that: 'a port goes before none',
    services: '{ a: "http://x:1", "a:8080": "http://x:2" }',
    reference: '{ name: a, port: 8080 }',
    leads: 'http://x:2',
  },
  {
    that: 'a namespace goes before none',
    services: '{ a: "http://x:1", shop/a: "http://x:2" }',
    reference: '{ name: a, port: 8080 }',
    leads: 'http://x:2',
  },
  {
    that: 'another port is another service',
    services: '{ "a:81": "http://x:1" }',
    reference: '{ name: a, port: 8080 }',
    leads: 'http://a.shop.svc:8080',
  },
  {
    that: 'a line that names it permits another namespace',
    services: '{ other/a: "http://x:1" }',
    reference: '{ name: a, namespace: other, port: 8080 }',
    leads: 'http://x:1',
  },
  {
    that: 'a name alone does not',
    services: '{ a: "http://x:1" }',
    reference: '{ name: a, namespace: other, port: 8080 }',
    leads: 'it is in another namespace, other, and nothing permits that',
  },
  {
    that: 'whatever kind it is',
    services: '{ a: "http://x:1" }',
    reference: '{ group: example.com, kind: Bucket, name: a }',
    leads: 'http://x:1',
  },
  {
    that: 'no port is needed',
    services: '{ a: ["http://x:1", "http://y:1"] }',
    reference: '{ name: a }',
    leads: 'http://x:1,http://y:1',
  },
  {
    that: 'a kind that is no Service',
    services: '{ b: "http://x:1" }',
    reference: '{ kind: Bucket, name: a, port: 80 }',
    leads: 'Bucket is no Service',
  },
]) {
  test(`services: ${that}`, async (t) => {
    const object = httpRoute(`- backendRefs: [${reference}]`);
    for (const text of [
      `apiVersion: turnout/v1\nservices: ${services}\n---\n${object}`,
      `${object}---\napiVersion: turnout/v1\nservices: ${services}\n`,
      `${object}services: ${services}\n`,
    ]) {
      const [version] = routesOf(text)[0]?.versions ?? [];
      t.equal(version?.invalid ?? version?.urls.join(), leads);
    }
  });
}

test("an object's own services go before those of the document", async (t) => {
  const object = httpRoute(`- backendRefs: [{ name: a, port: 80 }]`);
  const document = 'apiVersion: turnout/v1\nservices: { "shop/a:80": "http://x:1" }\n';
  const [route] = routesOf(`${document}---\n${object}services: { a: "http://y:1" }\n`);
  t.strictSame(route?.versions[0]?.urls, ['http://y:1']);
});

test('an https service has the TLS settings of defaults', async (t) => {
  const object = httpRoute(`- backendRefs: [{ name: a, port: 80 }, { name: b, port: 80 }]`);
  const [route] = routesOf(`apiVersion: turnout/v1
services: { a: "https://x:1" }
defaults: { tls: { ca: ca.pem } }
---
${object}`);
  t.match(route?.versions, [{ tls: { ca: 'ca.pem' } }, { tls: undefined }]);
});

test('names and URLs of services are checked', async (t) => {
  const object = httpRoute(`- backendRefs: [{ name: a, port: 80 }]`);
  const found = foundIn(`apiVersion: turnout/v1
services:
  "Not a name": "http://x:1"
  a: x:1
---
${object}`);
  t.strictSame(
    found.map((one) => one.slice(0, 8)),
    ['3 TN2007', '4 TN2008'],
  );
});
