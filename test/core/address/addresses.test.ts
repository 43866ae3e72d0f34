import { isIP } from 'node:net';
import fc from 'fast-check';
import { test } from 'tap';
import { cidrContains } from '#core/address/cidr-contains';
import { cidrSet } from '#core/address/cidr-set';
import { parseAddress } from '#core/address/parse-address';
import { isCidr } from '#core/address/parse-cidr';

test('addresses', async (t) => {
  for (const { text, address } of [
    { text: '0.0.0.0', address: [0] },
    { text: '192.0.2.1', address: [0xc0000201] },
    { text: '255.255.255.255', address: [0xffffffff] },
    { text: '::', address: [0, 0, 0, 0] },
    { text: '::1', address: [0, 0, 0, 1] },
    { text: '2001:DB8::1', address: [0x20010db8, 0, 0, 1] },
    { text: '1:2:3:4:5:6:7:8', address: [0x10002, 0x30004, 0x50006, 0x70008] },
    { text: '64:ff9b::192.0.2.33', address: [0x64ff9b, 0, 0, 0xc0000221] },
    { text: '::ffff:192.0.2.1', address: [0xc0000201] },
    { text: '::FFFF:c000:201', address: [0xc0000201] },
  ]) {
    t.test(`reads ${text}`, async (t) => t.strictSame(parseAddress(text), address));
  }
  for (const { text, because } of [
    { text: '', because: 'it is empty' },
    { text: '1.2.3', because: 'it has three parts' },
    { text: '1.2.3.4.5', because: 'it has five parts' },
    { text: '1.2.3.256', because: 'a part is above 255' },
    { text: '01.2.3.4', because: 'a leading zero is octal to some' },
    { text: '1.2.3.4 ', because: 'a space follows' },
    { text: '1.2..4', because: 'a part is empty' },
    { text: '0x7f.0.0.1', because: 'it is hexadecimal' },
    { text: '2130706433', because: 'it is one number' },
    { text: '[::1]', because: 'brackets belong to URLs' },
    { text: 'fe80::1%eth0', because: 'a zone is no part of an address' },
    { text: '1::2::3', because: 'the gap stands twice' },
    { text: '1:2:3:4:5:6:7', because: 'it has seven groups' },
    { text: '1:2:3:4:5:6:7::8', because: 'the gap stands for nothing' },
    { text: '::12345', because: 'a group has five digits' },
    { text: '1.2.3.4::', because: 'IPv4 stands at the end only' },
    { text: ':', because: 'it is a colon' },
  ]) {
    t.test(`refuses "${text}": ${because}`, async (t) => t.equal(parseAddress(text), undefined));
  }
  t.test('accepts what node:net accepts, zones apart', async () => {
    const part = fc.constantFrom(
      '::',
      ':',
      '.',
      '0',
      '1',
      '255',
      '256',
      'ffff',
      'g',
      '1.2.3.4',
      '',
    );
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (address) => (parseAddress(address) !== undefined) === isIP(address) > 0),
      { numRuns: 2_000 },
    );
  });
});

test('blocks of addresses', async (t) => {
  for (const { list, address, holds } of [
    { list: [], address: '10.0.0.1', holds: false },
    { list: ['10.0.0.0/8'], address: '10.255.255.255', holds: true },
    { list: ['10.0.0.0/8'], address: '11.0.0.0', holds: false },
    { list: ['10.0.0.0/8'], address: '9.255.255.255', holds: false },
    { list: ['10.1.2.3/8'], address: '10.9.9.9', holds: true },
    { list: ['0.0.0.0/0'], address: '255.255.255.255', holds: true },
    { list: ['0.0.0.0/0'], address: '::1', holds: false },
    { list: ['0.0.0.0/0'], address: 'unknown', holds: false },
    { list: ['192.0.2.7'], address: '192.0.2.7', holds: true },
    { list: ['192.0.2.7'], address: '192.0.2.8', holds: false },
    { list: ['192.0.2.7'], address: '::ffff:192.0.2.7', holds: true },
    { list: ['::ffff:192.0.2.0/120'], address: '192.0.2.9', holds: true },
    { list: ['2001:db8::/33'], address: '2001:db8:7fff::1', holds: true },
    { list: ['2001:db8::/33'], address: '2001:db8:8000::1', holds: false },
    { list: ['::/0'], address: 'fe80::1', holds: true },
    { list: ['::/0'], address: '1.2.3.4', holds: false },
    { list: ['10.0.0.0/8', 'fd00::/8'], address: 'fd12::1', holds: true },
    { list: ['::1'], address: '', holds: false },
  ]) {
    t.test(`${address} is ${holds ? '' : 'not '}in [${list}]`, async (t) => {
      t.equal(cidrSet(list)(address), holds);
    });
  }
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '::/129',
    'a/8',
    '::ffff:1.2.3.4/95',
  ]) {
    t.test(`${text} is no block`, async (t) => t.notOk(isCidr(text)));
  }
  t.test('an address is in every block made of its first bits', async () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, fc.nat(128), (text, bits) => {
        const width = (parseAddress(text)?.length ?? 0) * 32;
        const written = parseAddress(text)?.length === 1 && text.includes(':') ? 96 : 0;
        return cidrSet([`${text}/${written + (bits % (width + 1))}`])(text);
      }),
    );
  });
  t.test('a block contains the smaller ones inside it', async (t) => {
    t.ok(cidrContains('10.0.0.0/8', '10.1.0.0/16'));
    t.ok(cidrContains('10.0.0.0/8', '10.0.0.0/8'));
    t.notOk(cidrContains('10.1.0.0/16', '10.0.0.0/8'));
    t.notOk(cidrContains('10.0.0.0/8', '11.0.0.0/16'));
    t.notOk(cidrContains('::/0', '10.0.0.0/8'));
    t.notOk(cidrContains('nothing', '10.0.0.0/8'));
  });
});
