import fc from 'fast-check';
import { test } from 'tap';
import { clientAddress } from '#core/http1/client-address';

const trusts = (address: string) => address.startsWith('10.') || address === 'fd00::1';

for (const { peer, forwardedFor, client, because } of [
  {
    peer: '203.0.113.7',
    forwardedFor: undefined,
    client: '203.0.113.7',
    because: 'nobody says more',
  },
  {
    peer: '203.0.113.7',
    forwardedFor: '1.2.3.4',
    client: '203.0.113.7',
    because: 'the peer is not trusted',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: undefined,
    client: '10.0.0.1',
    because: 'the proxy itself asks',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '1.2.3.4',
    client: '1.2.3.4',
    because: 'the trusted peer says so',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '6.6.6.6, 1.2.3.4',
    client: '1.2.3.4',
    because: 'what stands left of an untrusted address was written by it',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '1.2.3.4,10.0.0.2 ,\t10.0.0.3',
    client: '1.2.3.4',
    because: 'trusted proxies are passed over',
  },
  { peer: '10.0.0.1', forwardedFor: '10.0.0.2', client: '10.0.0.2', because: 'the list ends' },
  {
    peer: '10.0.0.1',
    forwardedFor: '1.2.3.4, unknown, 10.0.0.2',
    client: '10.0.0.2',
    because: 'what is no address ends the walk',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '1.2.3.4, , 10.0.0.2',
    client: '10.0.0.2',
    because: 'nothing ends the walk too',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '',
    client: '10.0.0.1',
    because: 'an empty field says nothing',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: ',1.2.3.4',
    client: '1.2.3.4',
    because: 'what follows an untrusted address is not read',
  },
  {
    peer: '::ffff:10.0.0.1',
    forwardedFor: '::FFFF:1.2.3.4',
    client: '1.2.3.4',
    because: 'IPv4 in IPv6 is IPv4',
  },
  {
    peer: 'fd00::1',
    forwardedFor: '[2001:DB8::1]:4711',
    client: '2001:db8::1',
    because: 'brackets and port are no part of it',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '1.2.3.4:4711',
    client: '1.2.3.4',
    because: 'a port is no part of it',
  },
  {
    peer: '10.0.0.1',
    forwardedFor: '01.2.3.4',
    client: '10.0.0.1',
    because: 'some read leading zeros as octal',
  },
]) {
  test(`${client} for "${forwardedFor}" from ${peer}: ${because}`, async (t) => {
    t.equal(clientAddress(peer, forwardedFor, trusts), client);
  });
}

test('at most 50 entries are read', async (t) => {
  const list = ['1.2.3.4', ...Array.from({ length: 50 }, (_, i) => `10.0.1.${i}`)];
  t.equal(clientAddress('10.0.0.1', list.join(', '), trusts), '10.0.1.0');
  t.equal(clientAddress('10.0.0.1', list.toSpliced(1, 1).join(', '), trusts), '1.2.3.4');
});

test('no text makes it throw, and without trust no text counts', async () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'10.,: []fF') }), (text) => {
      clientAddress('10.0.0.1', text, trusts);
      return clientAddress('10.0.0.1', text, () => false) === '10.0.0.1';
    }),
    { numRuns: 1_000 },
  );
});
