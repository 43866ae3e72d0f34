import fc from 'fast-check';
import { test } from 'tap';
import { closeFrame } from '#core/websocket/close-frame';
import { FrameCount } from '#core/websocket/frame-count';
import { closeCode, frame, opcode } from '../../support/web-socket.ts';

test('a client is told 1001 without a mask', async (t) => {
  t.equal(Buffer.from(closeFrame(undefined)).toString('hex'), '880203e9');
});

test('a server is told 1001 under a mask', async (t) => {
  const mask = Buffer.from('37fa213d', 'hex');
  const close = Buffer.from(closeFrame(mask));
  // 0x03 ^ 0x37, 0xe9 ^ 0xfa
  t.equal(close.toString('hex'), '888237fa213d3413');
  t.same(close, frame(opcode.close, Buffer.from('03e9', 'hex'), { mask }));
});

test('under any mask it is one Close that says the same', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (mask) => {
      const close = Buffer.from(closeFrame(mask));
      const count = new FrameCount();
      count.take(close, 0, close.length, false);
      return count.isBetween && count.hasClosed && closeCode(close) === 1001;
    }),
  );
});
