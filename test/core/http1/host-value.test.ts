import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { test } from 'tap';
import { isIpv4, isIpv6, readHost, validHost } from '#core/http1/host-value';

// The forms of Host are data: test/conformance/http1/requests.json.
test('a host is read apart', async (t) => {
  t.strictSame(readHost('A.Example.:8080'), {
    received: 'A.Example.',
    name: 'a.example',
    port: 8080,
  });
  t.strictSame(readHost('[::FFFF:1.2.3.4]'), {
    received: '[::FFFF:1.2.3.4]',
    name: '[::ffff:1.2.3.4]',
    port: 0,
  });
  t.equal(readHost('a/b'), undefined);
  t.ok(validHost('localhost'));
  t.notOk(validHost('evil localhost'));
});

const group = fc.constantFrom(
  '0',
  '1',
  'ff',
  'FFFF',
  '',
  '12345',
  'g',
  '1.2.3.4',
  '1.2.3.256',
  '01',
);
const ipv6 = fc
  .array(group, { maxLength: 9 })
  .chain((groups) =>
    fc.constantFrom(groups.join(':'), `::${groups.join(':')}`, `${groups.join(':')}::`),
  );

test('IPv6 addresses are those of Node', async () => {
  // Outside truth: node:net, which also takes a zone; none is made here.
  fc.assert(
    fc.property(ipv6, (text) => isIpv6(text) === isIPv6(text)),
    { numRuns: 3_000 },
  );
});

test('IPv4 addresses are those of Node', async () => {
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('', '00', '01', '1e1', '+1', ' 1'),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 3, maxLength: 5 }), (parts) => {
      return isIpv4(parts.join('.')) === isIPv4(parts.join('.'));
    }),
    { numRuns: 2_000 },
  );
});
