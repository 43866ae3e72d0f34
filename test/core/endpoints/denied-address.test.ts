import { test } from 'tap';
import { deniedAddress } from '#core/endpoints/denied-address';

for (const { host, address, denied } of [
  { host: 'shop-v1', address: '10.0.0.7', denied: undefined },
  { host: 'shop-v1', address: '2001:db8::7', denied: undefined },
  { host: 'shop-v1', address: '169.254.169.254', denied: 'link_local' },
  { host: '169.254.169.254', address: '169.254.169.254', denied: 'link_local' },
  { host: 'shop-v1', address: '::ffff:169.254.169.254', denied: 'link_local' },
  { host: 'shop-v1', address: '::ffff:a9fe:a9fe', denied: 'link_local' },
  { host: 'shop-v1', address: 'fe80::1', denied: 'link_local' },
  { host: 'shop-v1', address: 'febf::1', denied: 'link_local' },
  { host: 'shop-v1', address: 'fec0::1', denied: undefined },
  { host: 'shop-v1', address: '127.0.0.1', denied: 'loopback' },
  { host: 'shop-v1', address: '127.9.9.9', denied: 'loopback' },
  { host: 'shop-v1', address: '::1', denied: 'loopback' },
  { host: 'shop-v1', address: '::ffff:127.0.0.1', denied: 'loopback' },
  { host: 'shop-v1', address: '0.0.0.0', denied: 'loopback' },
  { host: 'shop-v1', address: '::', denied: 'loopback' },
  { host: '127.0.0.11', address: '127.0.0.11', denied: undefined },
  { host: '::1', address: '::1', denied: undefined },
  { host: 'localhost', address: '127.0.0.1', denied: undefined },
  { host: 'shop.localhost', address: '::1', denied: undefined },
  { host: 'localhost.evil.example', address: '127.0.0.1', denied: 'loopback' },
  { host: 'evillocalhost', address: '127.0.0.1', denied: 'loopback' },
  { host: 'shop-v1', address: 'fe80::1%eth0', denied: 'not_an_address' },
  { host: 'shop-v1', address: '2130706433', denied: 'not_an_address' },
]) {
  test(`${host} at ${address}: ${denied ?? 'may be connected to'}`, async (t) => {
    t.equal(deniedAddress(host, address), denied);
  });
}
