import fc from 'fast-check';
import { test } from 'tap';
import { bytesOf, textOf } from '#core/conditions/byte-text';

test('a text is its UTF-8 bytes, one character for each', async (t) => {
  t.equal(bytesOf('plain'), 'plain');
  t.equal(bytesOf('é'), '\xc3\xa9');
  t.equal(bytesOf('𝄞'), '\xf0\x9d\x84\x9e');
  t.equal(textOf('\xc3\xa9'), 'é');
  t.equal(textOf('\xef\xbb\xbfx'), '\ufeffx', 'a byte order mark stays');
  t.equal(textOf('\xff'), '\ufffd', 'what is not UTF-8 is replaced');
});

test('bytes and back give any text again', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = bytesOf(text);
      return textOf(bytes) === text && Buffer.from(text, 'utf8').toString('latin1') === bytes;
    }),
  );
});
