import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import {
  beginHash,
  feedBytes,
  hashAfter,
  hashOf,
  murmur3,
  newHashState,
} from '#core/routing/murmur3';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly input: { readonly text?: string; readonly hex?: string; readonly seed: number };
  readonly expected: {
    readonly hash?: number;
    readonly floor_of_hash_times_10000_over_2_32?: number;
    readonly hash_mod_100_plus_1?: number;
  };
}

const file = new URL('../../vectors/assignment.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => String.fromCharCode(...array));

for (const { id, input, expected } of vectors.filter(({ kind }) => kind === 'murmur3_32')) {
  test(`agrees with the published vector ${id}`, async (t) => {
    const buffer =
      input.hex === undefined ? Buffer.from(input.text ?? '') : Buffer.from(input.hex, 'hex');
    const hash = murmur3(buffer.toString('latin1'), input.seed);
    const seen = {
      hash,
      floor_of_hash_times_10000_over_2_32: Math.floor((hash * 10_000) / 2 ** 32),
      hash_mod_100_plus_1: (hash % 100) + 1,
    };
    t.match(seen, expected);
  });
}

// Expected values: spaolacci/murmur3 murmur_test.go (BSD-3-Clause). Tails of 2 and 3 bytes are
// among the vectors above (2143, aaa).
for (const { text, hash } of [
  { text: '', hash: 0 },
  { text: 'hello', hash: 0x248bfa47 },
  { text: 'hello, world', hash: 0x149bbb7f },
  { text: '19 Jan 2038 at 3:14:07 AM', hash: 0xe31e8a70 },
  { text: 'The quick brown fox jumps over the lazy dog.', hash: 0xd5c48bfc },
]) {
  test(`murmur3('${text}', 0) is what other programs say`, async (t) => {
    t.equal(murmur3(text, 0), hash);
  });
}

// Expected value: Stack Overflow answer 31929528.
test('takes the seed as an unsigned number of 32 bits', async (t) => {
  t.equal(murmur3('aaaa', 0x9747b28c), murmur3('aaaa', 0x9747b28c | 0));
  t.equal(murmur3('', 0xffffffff), 0x81f16f39);
});

test('hashes the low byte of each character, those from 0x80 on too', async (t) => {
  t.equal(murmur3('\xff\xff\xff\xff', 0), 0x76293b50);
  t.equal(murmur3('Z\u01c3', 0), murmur3('Z\xc3', 0));
  t.not(murmur3('Z\xc3\xab', 0), murmur3('Z\xeb', 0));
});

test('any way of cutting a text gives the same hash, and a prefix can be used again', async () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.nat(0xffffffff), (salt, unit, slot, seed) => {
      const state = newHashState();
      beginHash(state, seed);
      feedBytes(state, salt);
      feedBytes(state, unit);
      const once = hashAfter(state, slot);
      const again = hashAfter(state, slot);
      const whole = murmur3(salt + unit + slot, seed);
      return once === whole && again === whole && hashOf(state) === murmur3(salt + unit, seed);
    }),
  );
});
