import fc from 'fast-check';
import { test } from 'tap';
import { FrameCount } from '#core/websocket/frame-count';
import { frame, opcode } from '../../support/web-socket.ts';

const mask = Buffer.from([1, 2, 3, 4]);

for (const { bytes, isBetween, hasClosed, because } of [
  { bytes: '', isBetween: true, hasClosed: false, because: 'nothing has come' },
  { bytes: '82', isBetween: false, hasClosed: false, because: 'its length is missing' },
  { bytes: '8200', isBetween: true, hasClosed: false, because: 'a frame may be empty' },
  { bytes: '820141', isBetween: true, hasClosed: false, because: 'its byte is there' },
  { bytes: '820241', isBetween: false, hasClosed: false, because: 'a byte is missing' },
  {
    bytes: '8280',
    isBetween: false,
    hasClosed: false,
    because: 'a mask belongs to an empty one too',
  },
  { bytes: '828001020304', isBetween: true, hasClosed: false, because: 'the mask is there' },
  { bytes: '827e', isBetween: false, hasClosed: false, because: 'two bytes of length follow 126' },
  {
    bytes: '827e0000',
    isBetween: true,
    hasClosed: false,
    because: 'a length may be longer than it must',
  },
  { bytes: '827f00000000000000', isBetween: false, hasClosed: false, because: 'eight follow 127' },
  {
    bytes: '827f000000000000000141',
    isBetween: true,
    hasClosed: false,
    because: 'all eight are read',
  },
  {
    bytes: '020141',
    isBetween: true,
    hasClosed: false,
    because: 'a message that goes on has frames too',
  },
  { bytes: '880203e9', isBetween: true, hasClosed: true, because: 'it is a Close' },
  {
    bytes: '880203',
    isBetween: false,
    hasClosed: false,
    because: 'a Close counts when it is whole',
  },
  { bytes: '8800', isBetween: true, hasClosed: true, because: 'a Close may say nothing' },
  {
    bytes: '8880010203048200',
    isBetween: true,
    hasClosed: true,
    because: 'what follows takes no Close back',
  },
  { bytes: '8a0188', isBetween: true, hasClosed: false, because: 'a payload is no opcode' },
]) {
  test(`${bytes || 'no byte'}: ${because}`, async (t) => {
    const count = new FrameCount();
    const all = Buffer.from(bytes, 'hex');
    t.equal(count.take(all, 0, all.length, false), all.length);
    t.equal(count.isBetween, isBetween);
    t.equal(count.hasClosed, hasClosed);
  });
}

test('takes as much as ends with a frame, where it is asked to', async (t) => {
  const first = frame(opcode.text, 'one', { mask });
  const both = Buffer.concat([first, frame(opcode.text, 'two', { mask })]);
  const count = new FrameCount();
  t.equal(count.take(both, 0, 4, true), 0, 'before the first frame there is none');
  t.equal(count.take(both, 0, 4, false), 4);
  t.equal(count.take(both, 4, 6, true), 6, 'within one it goes on');
  t.equal(count.take(both, 6, both.length, true), first.length);
});

const anyFrame = fc.record({
  kind: fc.constantFrom(...Object.values(opcode)),
  // Around the lengths at which a frame's head grows.
  length: fc.oneof(fc.nat(300), fc.constantFrom(124, 125, 126, 127, 65_535, 65_536, 70_000)),
  isLast: fc.boolean(),
  isMasked: fc.boolean(),
});

/** Frames, where they end in their bytes, and where these are cut. */
const anyStream = fc
  .tuple(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat(200_000), { maxLength: 20 }))
  .map(([frames, places]) => {
    const parts = frames.map(({ kind, length, isLast, isMasked }) =>
      // 0x88 is what a Close begins with: payloads must not be taken for one.
      frame(kind, Buffer.alloc(length, 0x88), isMasked ? { mask, isLast } : { isLast }),
    );
    const bytes = Buffer.concat(parts);
    const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length);
    const inside = places.filter((at) => at < bytes.length).sort((a, b) => a - b);
    const hasClose = frames.some(({ kind }) => kind === opcode.close);
    return { bytes, ends: new Set([0, ...ends]), cuts: [...inside, bytes.length], hasClose };
  });

test('knows after each read of any frames whether one is under way', async () => {
  fc.assert(
    fc.property(anyStream, ({ bytes, ends, cuts, hasClose }) => {
      const count = new FrameCount();
      let at = 0;
      const isRight = cuts.every((cut) => {
        at = count.take(bytes, at, cut, false);
        return at === cut && count.isBetween === ends.has(at);
      });
      return isRight && count.hasClosed === hasClose;
    }),
  );
});

/** Returns where it stops, if it goes on by a byte each time. */
function stopsIn(bytes: Buffer): readonly number[] {
  const count = new FrameCount();
  const stops: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const stop = count.take(bytes, at, bytes.length, true);
    stops.push(stop);
    at = stop < bytes.length ? count.take(bytes, stop, stop + 1, false) : stop;
  }
  return stops;
}

test('stops at every end of any frames, and nowhere else', async () => {
  fc.assert(
    fc.property(anyStream, ({ bytes, ends }) => {
      const stops = new Set([0, ...stopsIn(bytes)]);
      return stops.size === ends.size && [...stops].every((stop) => ends.has(stop));
    }),
  );
});
