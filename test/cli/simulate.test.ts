import { join } from 'node:path';
import { type Test, test } from 'tap';
import { shopRules, turnout } from './fake-ports.ts';

function files(t: Test, units = '1\n2\n3\n') {
  const folder = t.testdir({
    'before.yaml': shopRules,
    'after.yaml': shopRules.replace('weight: 90', 'weight: 50').replace('weight: 10', 'weight: 50'),
    'units.txt': units,
  });
  return ['before.yaml', 'after.yaml', 'units.txt'].map((name) => join(folder, name));
}

test('tells what changes, how many move, and which way', async (t) => {
  const [before = '', after = ''] = files(t);
  const { exitCode, out } = await turnout(['simulate', before, after]);
  t.equal(exitCode, 0);
  t.match(out, 'route shop: version v2: weight 10 → 50 (10.0 % → 50.0 %)\n');
  t.match(out, /users who change version: (?:39|40)\.\d % v1 → v2, 0 % back \(20,000 made-up/);
});

test('the same document moves nobody', async (t) => {
  const [before = ''] = files(t);
  t.equal((await turnout(['simulate', before, before])).out, 'nothing changes\n');
});

test('--count says how many users are made up', async (t) => {
  const [before = '', after = ''] = files(t);
  const { out } = await turnout(['simulate', before, after, '--count', '500', '-o', 'json']);
  const { apiVersion, changed } = JSON.parse(out);
  t.equal(apiVersion, 'turnout/v1');
  t.match(changed, [
    { route: 'shop', movement: { units: 500, pairs: [{ from: 'v1', to: 'v2' }] } },
  ]);
});

test('--units: names who of them moves; explain agrees about each', async (t) => {
  const ids = Array.from({ length: 30 }, (_, i) => `user-${i}`);
  const [before = '', after = '', units = ''] = files(t, `${ids.join('\n')}\n`);
  const { out } = await turnout(['simulate', before, after, '--units', units, '-o', 'json']);
  const shop = JSON.parse(out).moves.find(({ route }: { route: string }) => route === 'shop');
  t.equal(shop.units, 30);
  const url = 'http://shop.example.com/';
  for (const unit of ids) {
    const [from, to] = await Promise.all(
      [before, after].map(async (file) => {
        const words = ['explain', url, '-c', file, '-H', `x-user-id: ${unit}`, '-o', 'json'];
        return JSON.parse((await turnout(words)).out).explained.version;
      }),
    );
    const moved = shop.moved.find((one: { unit: string }) => one.unit === unit);
    t.same(moved, from === to ? undefined : { unit, from, to });
  }
});

test('--units in words: the share, and twenty names at most', async (t) => {
  const ids = Array.from({ length: 200 }, (_, i) => `user-${i}`);
  const [before = '', after = '', units = ''] = files(t, ids.join('\r\n'));
  const { out } = await turnout(['simulate', before, after, '--units', units]);
  t.match(out, /route shop: of 200 units listed, \d+ change version \(\d+\.\d %\)\n {2}user-/);
  t.match(out, /\n {2}… and \d+ more; -o json names them all\n/);
  t.equal(out.split('\n').filter((line) => line.startsWith('  user-')).length, 20);
});

test('what cannot be used is told in a sentence', async (t) => {
  const [before = '', after = '', units = ''] = files(t, '\n');
  t.match(await turnout(['simulate', before, after, '--count', 'x']), {
    exitCode: 2,
    err: 'error: --count must be a whole number from 1 to 9999999, got "x"\n',
  });
  t.match(await turnout(['simulate', before, after, '--units', units]), {
    exitCode: 2,
    err: `error: the units file ${units} lists none\n  hint: write one id a line\n`,
  });
  t.match(await turnout(['simulate', before, after, '--units', `${units}x`]), {
    exitCode: 2,
    err: 'does not exist',
  });
  t.match(await turnout(['simulate', before, units]), { exitCode: 2, err: `${units}:1:` });
});
