import { test } from 'tap';
import { editDistance, likely } from '#core/document/likely';

for (const { word, words, guess } of [
  { word: 'mach', words: ['match', 'name'], guess: 'match' },
  { word: 'wieght', words: ['weight', 'url'], guess: 'weight' },
  { word: 'Weight', words: ['weight'], guess: 'weight' },
  { word: 'ulr', words: ['url', 'urls'], guess: 'url' },
  { word: 'v3', words: ['v1', 'v2'], guess: undefined },
  { word: 'limits', words: ['audiences', 'unit', 'timeouts'], guess: undefined },
  { word: 'cat', words: ['car', 'cap'], guess: undefined },
  { word: 'x'.repeat(10_000), words: ['x'.repeat(9_999)], guess: undefined },
]) {
  test(`"${word.slice(0, 20)}" was likely ${guess ?? 'none of them'}`, async (t) => {
    t.equal(likely(word, words), guess);
  });
}

test('edit distances', async (t) => {
  t.equal(editDistance('', 'abc'), 3);
  t.equal(editDistance('abc', ''), 3);
  t.equal(editDistance('kitten', 'sitting'), 3);
  t.equal(editDistance('ab', 'ba'), 1);
  t.equal(editDistance('same', 'same'), 0);
});
