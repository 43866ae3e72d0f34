import { test, t as whole } from 'tap';
import { freePort } from '../support/free-port.ts';
import { startTurnout } from '../support/turnout-process.ts';

// The demos take their time: they show a release from beginning to end.
whole.setTimeout(400_000);

for (const words of [
  ['canary'],
  ['recreate'],
  ['ramped'],
  ['blue-green'],
  ['ab'],
  ['shadow'],
  ['recreate', '--fail'],
  ['ramped', '--fail'],
  ['blue-green', '--fail'],
  ['ab', '--fail'],
  ['shadow', '--fail'],
]) {
  test(`turnout demo ${words.join(' ')}`, async (t) => {
    const at = async () => `127.0.0.1:${await freePort()}`;
    const flags = ['--listen', await at(), '--admin', await at()];
    const { ended, output } = startTurnout(t, ['demo', ...words, ...flags]);
    t.equal(await ended, 0, 'ends well');
    t.match(output(), 'all promises were held');
    t.notMatch(output(), '✖');
    t.comment(output());
  });
}
