import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { Content } from '../../src/config/read-content.ts';
import { type WatchOptions, watchFile } from '../../src/config/watch-file.ts';
import { ConfigMapVolume, steps } from '../support/configmap-volume.ts';
import { until } from './until.ts';

/** Only events count within a test; the poll has tests of its own. */
const eventsOnly: WatchOptions = { quietMs: 10, pollMs: 3_600_000, inCluster: false };
/** Watches a file until the test ends, and keeps what was taken of it as text. */
async function watching(t: Test, path: string, options: WatchOptions = eventsOnly) {
  const taken: string[] = [];
  const watch = watchFile(path, options, async (content: Content) => {
    taken.push(content.kind === 'bytes' ? content.bytes.toString() : `! ${content.message}`);
  });
  t.teardown(() => watch.close());
  await watch.look();
  const last = (text: string) => until(`"${text}" is taken`, () => taken.at(-1) === text);
  return { taken, watch, last };
}

/** How many watchers this process has: the kernel shows one line each. */
function watchers(): number {
  const names = readdirSync('/proc/self/fdinfo');
  return names.reduce((sum, name) => sum + inotifyLines(name), 0);
}

function inotifyLines(name: string): number {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${name}`, 'utf8');
    return text.split('\n').filter((line) => line.startsWith('inotify')).length;
  } catch {
    return 0;
  }
}

test('a plain file', async (t) => {
  t.test('is taken at the first look, and when it is written in place', async (t) => {
    const path = join(t.testdir({ 'routes.yaml': 'one' }), 'routes.yaml');
    const { taken, last } = await watching(t, path);
    t.same(taken, ['one']);
    writeFileSync(path, 'two');
    await last('two');
  });

  t.test('is taken when an editor puts another in its place, again and again', async (t) => {
    const directory = t.testdir({ 'routes.yaml': 'one' });
    const path = join(directory, 'routes.yaml');
    const { last } = await watching(t, path);
    for (const text of ['two', 'three', 'four']) {
      writeFileSync(join(directory, '.routes.yaml.swp'), text);
      renameSync(join(directory, '.routes.yaml.swp'), path);
      await last(text);
    }
  });

  t.test('that is written with the same bytes is not taken again', async (t) => {
    const directory = t.testdir({ 'routes.yaml': 'one' });
    const { taken, watch } = await watching(t, join(directory, 'routes.yaml'));
    writeFileSync(join(directory, 'routes.yaml'), 'one');
    writeFileSync(join(directory, 'other.yaml'), 'of no interest');
    await watch.look();
    t.same(taken, ['one']);
  });

  t.test('that is gone is told of once, and taken when it is back', async (t) => {
    const path = join(t.testdir({ 'routes.yaml': 'one' }), 'routes.yaml');
    const { taken, watch, last } = await watching(t, path);
    unlinkSync(path);
    await until('it is missed', () => taken.length === 2);
    await watch.look();
    t.same(taken, [
      'one',
      `! ${path}: there is no such file; write one (turnout schema describes it) or name another with --rules`,
    ]);
    writeFileSync(path, 'one');
    await last('one');
  });

  t.test('that is empty for a moment is taken as it is then', async (t) => {
    const path = join(t.testdir({ 'routes.yaml': 'one' }), 'routes.yaml');
    const { last } = await watching(t, path);
    writeFileSync(path, '');
    await last('');
    writeFileSync(path, 'two');
    await last('two');
  });

  t.test('that is missing at the start is taken when it comes', async (t) => {
    const path = join(t.testdir({}), 'routes.yaml');
    const { taken, last } = await watching(t, path);
    t.match(taken, [/there is no such file/]);
    writeFileSync(path, 'one');
    await last('one');
  });

  t.test('longer than a document may be is read no further than needed to say so', async (t) => {
    const path = join(t.testdir({ 'routes.yaml': '#'.repeat(3_000_000) }), 'routes.yaml');
    const { taken } = await watching(t, path);
    t.equal(taken[0]?.length, 1_048_577);
  });

  t.test('that is a directory is trouble with a remedy', async (t) => {
    const { taken } = await watching(t, t.testdir({}));
    t.match(taken, [/is not a file; name the file itself/]);
  });
});

test('a ConfigMap volume', async (t) => {
  const mounted = (t: Test, text = 'one') => {
    const volume = new ConfigMapVolume(join(t.testdir({}), 'etc'));
    volume.write({ 'routes.yaml': text });
    return { volume, path: join(volume.directory, 'routes.yaml') };
  };

  t.test('is taken at first mount, whenever that comes', async (t) => {
    const directory = join(t.testdir({}), 'etc');
    mkdirSync(directory);
    const { taken, last } = await watching(t, join(directory, 'routes.yaml'));
    t.equal(taken.length, 1);
    new ConfigMapVolume(directory).write({ 'routes.yaml': 'one' });
    await last('one');
  });

  t.test('is taken at each of 50 updates in a row, the last one always', async (t) => {
    const { volume, path } = mounted(t);
    const { last } = await watching(t, path);
    for (let i = 1; i <= 50; i++) volume.write({ 'routes.yaml': `update ${i}` });
    await last('update 50');
  });

  t.test('is taken update by update, by events alone', async (t) => {
    const { volume, path } = mounted(t);
    const { last } = await watching(t, path);
    for (let i = 1; i <= 5; i++) {
      volume.write({ 'routes.yaml': `update ${i}` });
      await last(`update ${i}`);
    }
  });

  t.test('with the same bytes changes nothing', async (t) => {
    const { volume, path } = mounted(t);
    const { taken, watch } = await watching(t, path);
    volume.write({ 'routes.yaml': 'one' });
    await watch.look();
    t.same(taken, ['one']);
  });

  t.test('is taken when keys come and go beside ours', async (t) => {
    const { volume, path } = mounted(t);
    const { taken, watch, last } = await watching(t, path);
    volume.write({ 'routes.yaml': 'one', 'other.yaml': 'x' });
    await watch.look();
    t.same(taken, ['one']);
    volume.write({ 'routes.yaml': 'two' });
    await last('two');
  });

  t.test('whose key is removed is trouble, until the key is back', async (t) => {
    const { volume, path } = mounted(t);
    const { taken, last } = await watching(t, path);
    volume.write({ 'other.yaml': 'x' });
    await until('it is missed', () => taken.length === 2);
    t.match(taken[1], /there is no such file/);
    volume.write({ 'routes.yaml': 'two' });
    await last('two');
  });

  t.test('whose optional ConfigMap is deleted is trouble, until it is made again', async (t) => {
    const { volume, path } = mounted(t);
    const { taken, last } = await watching(t, path);
    volume.write({});
    await until('it is missed', () => taken.length === 2);
    volume.write({ 'routes.yaml': 'two' });
    await last('two');
  });

  for (const step of steps) {
    t.test(`stopped after "${step}" shows the old document or the new one, whole`, async (t) => {
      const { volume, path } = mounted(t, 'old');
      const { taken, watch, last } = await watching(t, path);
      const finish = volume.writeUpTo(step, { 'routes.yaml': 'new' });
      await watch.look();
      const isSwitched = steps.indexOf(step) >= steps.indexOf('switched');
      t.equal(taken.at(-1), isSwitched ? 'new' : 'old');
      finish();
      await last('new');
      t.ok(taken.length <= 2, 'and nothing else');
    });

    t.test(
      `stopped after "${step}" at first mount shows nothing or the document, whole`,
      async (t) => {
        const directory = join(t.testdir({}), 'etc');
        const volume = new ConfigMapVolume(directory);
        const { taken, watch, last } = await watching(t, join(directory, 'routes.yaml'));
        const finish = volume.writeUpTo(step, { 'routes.yaml': 'one' });
        await watch.look();
        // The document is there with the switch, before its visible name is.
        const isSwitched = steps.indexOf(step) >= steps.indexOf('switched');
        t.match(taken.at(-1), isSwitched ? /^one$/ : /there is no such file/);
        finish();
        await last('one');
      },
    );

    t.test(`stopped after "${step}" while our key is removed never shows a part`, async (t) => {
      const { volume, path } = mounted(t, 'old');
      const { taken, watch } = await watching(t, path);
      // From the switch on, the visible name is a link to nothing.
      const finish = volume.writeUpTo(step, { 'other.yaml': 'x' });
      await watch.look();
      const isSwitched = steps.indexOf(step) >= steps.indexOf('switched');
      t.match(taken.at(-1), isSwitched ? /there is no such file/ : /^old$/);
      finish();
    });
  }

  t.test('with a link left by a crash is taken once the kubelet gets past it', async (t) => {
    const { volume, path } = mounted(t);
    const { taken, watch, last } = await watching(t, path);
    volume.writeUpTo('temporary link made', { 'routes.yaml': 'lost' });
    t.throws(() => volume.write({ 'routes.yaml': 'two' }), { code: 'EEXIST' });
    await watch.look();
    t.same(taken, ['one']);
    volume.removeTemporaryLink();
    volume.write({ 'routes.yaml': 'two' });
    await last('two');
  });
});

test('the directory', async (t) => {
  t.test('may be replaced by another: the new one is watched', async (t) => {
    const root = t.testdir({ etc: { 'routes.yaml': 'one' }, next: { 'routes.yaml': 'two' } });
    const path = join(root, 'etc', 'routes.yaml');
    const { watch, last } = await watching(t, path);
    renameSync(join(root, 'etc'), join(root, 'before'));
    renameSync(join(root, 'next'), join(root, 'etc'));
    await watch.look();
    await last('two');
    writeFileSync(path, 'three');
    await last('three');
  });

  t.test('may go and come back', async (t) => {
    const root = t.testdir({ etc: { 'routes.yaml': 'one' } });
    const path = join(root, 'etc', 'routes.yaml');
    const { taken, last } = await watching(t, path, { ...eventsOnly, pollMs: 10 });
    rmSync(join(root, 'etc'), { recursive: true });
    await until('it is missed', () => taken.length >= 2);
    mkdirSync(join(root, 'etc'));
    writeFileSync(path, 'two');
    await last('two');
  });
});

test('the poll', async (t) => {
  t.test('sees what no event told of', async (t) => {
    const root = t.testdir({ a: { 'routes.yaml': 'one' }, b: { 'routes.yaml': 'two' } });
    symlinkSync('a', join(root, 'current'));
    const path = join(root, 'current', 'routes.yaml');
    const { last } = await watching(t, path, { ...eventsOnly, pollMs: 10 });
    // The watched directory does not change: a link to another one takes its place.
    symlinkSync('b', join(root, 'next'));
    renameSync(join(root, 'next'), join(root, 'current'));
    await last('two');
    writeFileSync(join(root, 'b', 'routes.yaml'), 'three');
    await last('three');
  });
});

test('what is taken', async (t) => {
  t.test('is taken one at a time, in order, the last one always', async (t) => {
    const directory = t.testdir({ 'routes.yaml': '0' });
    const path = join(directory, 'routes.yaml');
    let busy = 0;
    let mostAtOnce = 0;
    const taken: string[] = [];
    const watch = watchFile(path, eventsOnly, async (content) => {
      mostAtOnce = Math.max(mostAtOnce, ++busy);
      await new Promise(setImmediate);
      busy--;
      if (content.kind === 'bytes') taken.push(content.bytes.toString());
    });
    t.teardown(() => watch.close());
    const looks: Promise<void>[] = [];
    for (let i = 1; i <= 20; i++) {
      // Put in place whole: a look may come at any moment.
      writeFileSync(join(directory, 'next'), String(i));
      renameSync(join(directory, 'next'), path);
      looks.push(watch.look());
      await new Promise(setImmediate);
    }
    await Promise.all(looks);
    t.equal(mostAtOnce, 1);
    t.equal(taken.at(-1), '20');
    t.same(
      taken,
      taken.toSorted((a, b) => Number(a) - Number(b)),
    );
  });

  t.test('may fail without an end to the watch', async (t) => {
    const path = join(t.testdir({ 'routes.yaml': 'one' }), 'routes.yaml');
    const warnings: string[] = [];
    const taken: string[] = [];
    const options = { ...eventsOnly, warn: (message: string) => warnings.push(message) };
    const watch = watchFile(path, options, async (content) => {
      if (content.kind === 'bytes') taken.push(content.bytes.toString());
      throw new Error('a taker with a bug');
    });
    t.teardown(() => watch.close());
    await t.rejects(watch.look(), /a taker with a bug/);
    writeFileSync(path, 'two');
    await until('it is taken', () => taken.at(-1) === 'two');
    await until('it is told', () => warnings.length === 1);
  });
});

test('in a cluster it warns of a mount that is never updated', async (t) => {
  for (const { volume, warned } of [
    { volume: false, warned: true },
    { volume: true, warned: false },
  ]) {
    t.test(volume ? 'not of a volume' : 'of a file that is no part of a volume', async (t) => {
      const directory = t.testdir({});
      if (volume) new ConfigMapVolume(directory).write({ 'routes.yaml': 'one' });
      else writeFileSync(join(directory, 'routes.yaml'), 'one');
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      const path = join(directory, 'routes.yaml');
      const { watch } = await watching(t, path, { ...eventsOnly, inCluster: true, warn });
      writeFileSync(path, 'two');
      await watch.look();
      t.equal(warnings.length, warned ? 1 : 0, 'once');
      if (warned) t.match(warnings[0], /subPath.*mount the whole directory/);
    });
  }
});

const withoutProc =
  process.platform !== 'linux' && 'watchers are counted in /proc, which only Linux has';

test('no watcher is left behind', { skip: withoutProc }, async (t) => {
  const root = t.testdir({ etc: { 'routes.yaml': 'one' } });
  const before = watchers();
  const { watch } = await watching(t, join(root, 'etc', 'routes.yaml'));
  for (let i = 0; i < 20; i++) {
    renameSync(join(root, 'etc'), join(root, `etc-${i}`));
    mkdirSync(join(root, 'etc'));
    await watch.look();
  }
  t.equal(watchers(), before + 1, 'however often the directory was replaced');
  watch.close();
  await until('it is closed', () => watchers() === before);
  await watch.look();
  t.equal(watchers(), before, 'a look after the close watches nothing');
});
