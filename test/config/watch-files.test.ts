import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { WatchOptions } from '../../src/config/watch-file.ts';
import { watchFiles } from '../../src/config/watch-files.ts';
import { ConfigMapVolume } from '../support/configmap-volume.ts';
import { until } from './until.ts';

/** Only events count within a test. */
const eventsOnly: WatchOptions = { quietMs: 10, pollMs: 3_600_000, inCluster: false };

/** Watches files until the test ends, and keeps what was taken, joined by `+`. */
async function watching(t: Test, paths: readonly string[], options = eventsOnly) {
  const taken: string[] = [];
  const watch = watchFiles(paths, options, (contents) => {
    const texts = contents.map((one) => (one.kind === 'bytes' ? one.bytes : `! ${one.message}`));
    taken.push(texts.join('+'));
  });
  t.teardown(() => watch.close());
  await watch.look();
  const last = (text: string) => until(`"${text}" is taken`, () => taken.at(-1) === text);
  return { taken, watch, last };
}

test('all files are given away together, once at first and then when one changes', async (t) => {
  const folder = t.testdir({ cert: 'c1', key: 'k1' });
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')];
  const { taken, watch, last } = await watching(t, [cert, key]);
  t.same(taken, ['c1+k1']);
  await watch.look();
  t.same(taken, ['c1+k1'], 'nothing has changed');
  writeFileSync(key, 'k2');
  await last('c1+k2');
  writeFileSync(cert, 'c2');
  await last('c2+k2');
});

test('files of two folders are watched both', async (t) => {
  const folder = t.testdir({ one: { cert: 'c1' }, two: { key: 'k1' } });
  const { last } = await watching(t, [join(folder, 'one/cert'), join(folder, 'two/key')]);
  writeFileSync(join(folder, 'two/key'), 'k2');
  await last('c1+k2');
  writeFileSync(join(folder, 'one/cert'), 'c2');
  await last('c2+k2');
});

test('what a volume of Kubernetes swaps at once is never seen by halves', async (t) => {
  const volume = new ConfigMapVolume(join(t.testdir({}), 'secret'));
  volume.write({ cert: '0', key: '0' });
  const paths = ['cert', 'key'].map((name) => join(volume.directory, name));
  const { taken, last } = await watching(t, paths);
  for (let round = 1; round <= 30; round++) {
    volume.write({ cert: String(round), key: String(round) });
    await last(`${round}+${round}`);
  }
  t.same(
    taken.filter((text) => !/^(\d+)\+\1$/.test(text)),
    [],
  );
});

test('a file that is missing is told with what to do about it', async (t) => {
  const folder = t.testdir({ cert: 'c1' });
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')];
  const { taken, last } = await watching(t, [cert, key], { ...eventsOnly, ifMissing: 'make it' });
  t.same(taken, [`c1+! ${key}: there is no such file; make it`]);
  writeFileSync(key, 'k1');
  await last('c1+k1');
});
