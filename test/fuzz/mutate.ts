import type { Dice } from './dice.ts';

/** Bytes that readers fall out over. */
const telling = [
  ...([
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    '\0',
    '\t',
    ' ',
    ':',
    ';',
    ',',
    '\x0b',
    '\x0c',
    '\x7f',
  ] as const),
  ...[
    '\x80',
    '\xa0',
    '\xff',
    '%',
    '#',
    '?',
    '/',
    '\\',
    '..',
    '0',
    '1',
    'a',
    'Z',
    '-',
    '_',
    '"',
    '@',
  ],
  ...[
    '0\r\n\r\n',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  ],
] as const;

type Mutation = (dice: Dice, text: string, other: () => string) => string;

function range(dice: Dice, text: string): readonly [start: number, end: number] {
  const start = dice.below(text.length + 1);
  return [start, Math.min(text.length, start + 1 + dice.below(dice.once(4) ? 40 : 4))];
}

const mutations: readonly [Mutation, ...Mutation[]] = [
  // Put something in.
  (dice, text) => {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + dice.pick(telling) + text.slice(at);
  },
  // Take something out.
  (dice, text) => {
    const [start, end] = range(dice, text);
    return text.slice(0, start) + text.slice(end);
  },
  // Another byte.
  (dice, text) => {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1);
  },
  // One bit of a byte.
  (dice, text) => {
    const at = dice.below(text.length + 1);
    const byte = (text.charCodeAt(at) || 0) ^ (1 << dice.below(8));
    return text.slice(0, at) + String.fromCharCode(byte & 0xff) + text.slice(at + 1);
  },
  // The same twice.
  (dice, text) => {
    const [start, end] = range(dice, text);
    return text.slice(0, end) + text.slice(start);
  },
  // A line twice, or somewhere else.
  (dice, text) => {
    const lines = text.split('\r\n');
    const line = lines[dice.below(lines.length)] ?? '';
    lines.splice(dice.below(lines.length + 1), dice.below(2), line);
    return lines.join('\r\n');
  },
  // Another end of a line.
  (dice, text) => {
    const lines = text.split('\r\n');
    const at = 1 + dice.below(lines.length);
    const end = dice.pick([
      '\n',
      '\r',
      '\r\r\n',
      '\n\r\n',
      '\r\n ',
      '\r\n\t',
      ' \r\n',
      '\0\r\n',
      '\r\n\r\n',
    ]);
    return lines.slice(0, at).join('\r\n') + end + lines.slice(at).join('\r\n');
  },
  // Another number.
  (dice, text) => text.replace(/\d+/g, (digits) => (dice.once(4) ? `${dice.below(40)}` : digits)),
  // Letters of the other case.
  (dice, text) => {
    const [start, end] = range(dice, text);
    const part = text.slice(start, end);
    return (
      text.slice(0, start) +
      (dice.once(2) ? part.toUpperCase() : part.toLowerCase()) +
      text.slice(end)
    );
  },
  // The end is missing.
  (dice, text) => text.slice(0, dice.below(text.length + 1)),
  // The beginning of one, the end of another.
  (dice, text, other) => {
    const end = other();
    return text.slice(0, dice.below(text.length + 1)) + end.slice(dice.below(end.length + 1));
  },
  // One within the other.
  (dice, text, other) => {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + other() + text.slice(at);
  },
];

/** Returns the text with some of its bytes changed; `other` makes texts to splice in. */
export function mutated(dice: Dice, text: string, other: () => string): string {
  let changed = text;
  for (let times = 1 + dice.below(3); times > 0; times--) {
    changed = dice.pick(mutations)(dice, changed, other);
  }
  // Case changes can leave latin1: ÿ and µ have no capital there.
  return changed.replace(/[^\0-\xff]/g, '?');
}

/** Returns offsets at which a stream of this length is cut into reads. */
export function cutsOf(dice: Dice, length: number): number[] {
  if (length === 0) return [];
  if (length < 1_000 && dice.once(16)) return Array.from({ length }, (_, i) => i);
  return dice.some(0, 4, () => dice.below(length)).sort((a, b) => a - b);
}
