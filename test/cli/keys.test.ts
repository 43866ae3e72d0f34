import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { parseKeys, readKeys } from '../../src/cli/keys.ts';

const hex = '00112233445566778899aabbccddeeff';
const base64 = 'ABEiM0RVZneImaq7zN3u/w==';

test('reads a key per line, in order, in hex and in both alphabets of base64', async (t) => {
  const text = `# made in May\nnew:${hex}\n\n old:${base64} \r\nurl:ABEiM0RVZneImaq7zN3u_w\n`;
  const { keys } = parseKeys(text);
  const secret = Buffer.from(hex, 'hex');
  t.same(
    [...(keys ?? [])],
    [
      ['new', secret],
      ['old', secret],
      ['url', secret],
    ],
  );
});

for (const { text, problem } of [
  { text: '', problem: 'holds no key' },
  { text: '# only talk\n', problem: 'holds no key' },
  {
    text: hex,
    problem: 'line 1: a key must be ID:SECRET, the id 1 to 32 letters, digits, "_" or "-"',
  },
  {
    text: `a.b:${hex}`,
    problem: 'line 1: a key must be ID:SECRET, the id 1 to 32 letters, digits, "_" or "-"',
  },
  { text: `a:${hex}\na:${base64}`, problem: 'line 2: the id "a" is there twice' },
  { text: 'a:hunter 2', problem: 'line 1: the secret of "a" must be hex digits or base64' },
  {
    text: `a:${hex.slice(2)}`,
    problem: 'line 1: the secret of "a" must have at least 128 bits, got 120',
  },
]) {
  test(`refuses ${JSON.stringify(text)}`, async (t) => {
    t.same(parseKeys(text), { problems: [problem] });
  });
}

test('a file that is missing or wrong is told in a sentence, without the secret', async (t) => {
  const file = join(t.testdir(), 'keys');
  t.throws(() => readKeys(file), { message: `the keys file ${file} does not exist`, exitCode: 2 });
  writeFileSync(file, 'k1:deadbeef\n');
  t.throws(() => readKeys(file), {
    message: `${file}: line 1: the secret of "k1" must have at least 128 bits, got 32`,
  });
});
