import { test } from 'tap';
import { serverNameOf } from '#core/endpoints/server-name';

const tls = { ca: undefined, cert: undefined, key: undefined, verify: true };

for (const { host, serverName, name } of [
  { host: 'shop-v1', serverName: undefined, name: 'shop-v1' },
  { host: 'shop.example.com.', serverName: undefined, name: 'shop.example.com' },
  { host: '10.0.0.7', serverName: undefined, name: '' },
  { host: '2001:db8::7', serverName: undefined, name: '' },
  { host: '10.0.0.7', serverName: 'shop.internal', name: 'shop.internal' },
]) {
  test(`${host} with serverName ${serverName} is asked for as "${name}"`, async (t) => {
    t.equal(serverNameOf({ host, tls: { ...tls, serverName } }), name);
  });
}

test('without settings it is the host', async (t) => {
  t.equal(serverNameOf({ host: 'shop-v1', tls: undefined }), 'shop-v1');
});
