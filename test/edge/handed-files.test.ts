import { test } from 'tap';
import { GoodFiles, HandedFiles } from '../../src/edge/handed-files.ts';
import type { FileContent, WatchFiles } from '../../src/proxy/watched-files.ts';
import type { FileSet } from '../../src/workers/messages.ts';

const content = (text: string): FileContent => ({ kind: 'bytes', bytes: Buffer.from(text) });
const paths = ['a.crt', 'a.key'];

/** Files of a primary that hold what a test says, and are good unless they begin with `bad`. */
function primary() {
  const changed: FileSet[] = [];
  const files = new GoodFiles((set) => changed.push(set));
  let write: (contents: readonly FileContent[]) => void = () => {};
  const disk: WatchFiles = (_paths, take) => {
    write = take;
    return { look: async () => {}, close: () => {} };
  };
  const isGood = ([first]: readonly FileContent[]) =>
    first?.kind === 'bytes' && !String(first.bytes).startsWith('bad');
  const watch = files.watching(disk)(paths, isGood);
  const texts = (sets: readonly FileSet[]) => sets.map(({ bytes }) => bytes.map(String).join());
  return { files, changed, watch, write: (...texts: string[]) => write(texts.map(content)), texts };
}

/** What a worker takes of these files. */
function worker(handed: HandedFiles) {
  const taken: string[] = [];
  const watch = handed.watch(paths, (contents) => {
    taken.push(contents.map((one) => (one.kind === 'bytes' ? String(one.bytes) : '?')).join());
    return true;
  });
  return { taken, watch };
}

test('what was last good is remembered, and told when it changes', async (t) => {
  const { files, changed, write, texts } = primary();
  t.same(files.all(), []);
  write('one', 'key');
  write('bad', 'key');
  write('two', 'key');
  t.same(texts(files.all()), ['two,key']);
  t.same(texts(changed), ['one,key', 'two,key']);
});

test('a file that is not there is not good', async (t) => {
  const { files, changed } = primary();
  const watch = files.watching((_paths, take) => {
    take([content('one'), { kind: 'trouble', message: 'there is no such file' }]);
    return { look: async () => {}, close: () => {} };
  });
  watch(paths, () => true);
  t.same(files.all(), []);
  t.same(changed, []);
});

test('what nobody watches any more is forgotten', async (t) => {
  const { files, write, watch } = primary();
  write('one', 'key');
  watch.close();
  t.same(files.all(), []);
});

test('a worker takes what it is handed, now and later, each once', async (t) => {
  const { files, write } = primary();
  const handed = new HandedFiles();
  write('one', 'key');
  handed.take(structuredClone(files.all()));
  const { taken, watch } = worker(handed);
  t.same(taken, [], 'not before it looks');
  await watch.look();
  await watch.look();
  t.same(taken, ['one,key']);
  write('two', 'key');
  handed.take(structuredClone(files.all()));
  t.same(taken, ['one,key', 'two,key']);
  watch.close();
  handed.take(structuredClone(files.all()));
  t.same(taken, ['one,key', 'two,key'], 'not after it has closed');
});

test('other files are not mixed up', async (t) => {
  const handed = new HandedFiles();
  const { taken, watch } = worker(handed);
  handed.take([{ paths: ['a.crt'], bytes: [Buffer.from('other')] }]);
  await watch.look();
  t.same(taken, []);
});
