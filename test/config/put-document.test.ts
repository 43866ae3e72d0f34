import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Test, test } from 'tap';
import { read } from '#core/document/read';
import { compile } from '#core/snapshot/compile';
import { putDocument, sourceOfFile } from '../../src/config/put-document.ts';
import { readContent } from '../../src/config/read-content.ts';
import { hashOf, Reload } from '../../src/config/reload.ts';
import { ConfigMapVolume } from '../support/configmap-volume.ts';

const rules = (weight: number) => `# of the shop
apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:1", weight: ${weight} }, v2: { url: "http://b:1" } }
`;

/** A rules file with its reload; `refusing`: what is wrong with a document when it is put in force. */
async function house(t: Test, name = 'routes.yaml') {
  const folder = t.testdir({ 'routes.yaml': rules(1), link: t.fixture('symlink', 'routes.yaml') });
  const file = join(folder, name);
  const refusing: string[] = [];
  const reload = new Reload({
    file,
    read: async (text) => read(text),
    compile: (document, hash) => compile(document, { hash, rowOf: () => 0 }),
    prepare: async () => refusing,
    swap: () => {},
    log: () => {},
    now: () => 0,
  });
  const look = async () => void (await reload.take(await readContent(file)));
  await look();
  const put = putDocument({
    file,
    status: () => reload.status(),
    look,
    read: async (text) => read(text),
    changesTo: (document) => [`${document.routes.length} routes`],
  });
  const text = () => readFileSync(file, 'utf8');
  return { file, reload, refusing, put, text };
}

const seen = (text: string) => (hash: string) => hash === hashOf(text);

test('a document is in the file and in force, and its permissions stay', async (t) => {
  const { file, reload, put, text } = await house(t);
  chmodSync(file, 0o640);
  const wish = { text: rules(2), isExpected: seen(rules(1)), isDryRun: false };
  t.match(await put(wish), {
    kind: 'done',
    hash: hashOf(rules(2)),
    previous: hashOf(rules(1)),
    changes: ['1 routes'],
  });
  t.equal(text(), rules(2));
  t.same(reload.inForce(), { hash: hashOf(rules(2)), text: rules(2) });
  t.equal(statSync(file).mode & 0o777, 0o640);
  t.notOk(existsSync(`${file}.new`));
});

test('of two that have seen the same only one is done', async (t) => {
  const { put, text } = await house(t);
  const wish = (weight: number) => ({
    text: rules(weight),
    isExpected: seen(rules(1)),
    isDryRun: false,
  });
  const [first, second] = await Promise.all([put(wish(2)), put(wish(3))]);
  t.equal(first.kind, 'done');
  t.match(second, { kind: 'changed', message: `the document in force is ${hashOf(rules(2))}` });
  t.equal(text(), rules(2));
});

test('what somebody has written into the file a moment ago is seen', async (t) => {
  const { file, put, text } = await house(t);
  writeFileSync(file, rules(7));
  const outcome = await put({ text: rules(2), isExpected: seen(rules(1)), isDryRun: false });
  t.equal(outcome.kind, 'changed');
  t.equal(text(), rules(7));
});

test('problems are told at their places, and nothing is written', async (t) => {
  const { put, text, reload } = await house(t);
  const bad = rules(1).replace('weight', 'wieght');
  for (const isDryRun of [true, false]) {
    const outcome = await put({ text: bad, isExpected: () => true, isDryRun });
    t.match(outcome, {
      kind: 'problems',
      problems: [{ code: 'TN2004', line: 5, hint: /weight/ }],
      message: `The document in force stays ${hashOf(rules(1))}.`,
    });
  }
  t.equal(text(), rules(1));
  t.equal(reload.status().refusal, undefined);
});

test('a dry run writes nothing', async (t) => {
  const { put, text, reload } = await house(t);
  const outcome = await put({ text: rules(2), isExpected: () => false, isDryRun: true });
  t.match(outcome, { kind: 'done', hash: hashOf(rules(2)), changes: ['1 routes'] });
  t.equal(text(), rules(1));
  t.equal(reload.status().hash, hashOf(rules(1)));
});

test('what is refused when it is to be put in force does not stay in the file', async (t) => {
  const { put, text, reload, refusing } = await house(t);
  refusing.push('the certificate /tls/a.pem is not there');
  const outcome = await put({ text: rules(2), isExpected: () => true, isDryRun: false });
  t.match(outcome, { kind: 'refused', message: 'the certificate /tls/a.pem is not there' });
  t.equal(text(), rules(1));
  t.match(reload.status(), { hash: hashOf(rules(1)), refusal: undefined });
});

test('a file that cannot be replaced is told, and the next one is taken all the same', async (t) => {
  const { file, put, text } = await house(t);
  const wish = (weight: number) => ({
    text: rules(weight),
    isExpected: () => true,
    isDryRun: false,
  });
  // A directory in the way of the new file: also who may do everything cannot write it.
  const inTheWay = t.testdir({ 'routes.yaml': rules(1), 'routes.yaml.new': { file: '' } });
  t.equal(join(inTheWay, 'routes.yaml'), file);
  const outcome = await put(wish(2));
  t.match(outcome, { kind: 'unwritable', message: `${file} cannot be replaced: EISDIR` });
  t.equal(text(), rules(1));
  t.testdir({ 'routes.yaml': rules(1) });
  t.match(await put(wish(3)), { kind: 'done' });
});

test('a link stays one: what it leads to is replaced', async (t) => {
  const { file, put } = await house(t, 'link');
  await put({ text: rules(2), isExpected: () => true, isDryRun: false });
  t.ok(lstatSync(file).isSymbolicLink());
  t.equal(readFileSync(join(dirname(file), 'routes.yaml'), 'utf8'), rules(2));
});

test('in a volume of a ConfigMap it is somebody else who writes', async (t) => {
  const folder = t.testdir({ 'routes.yaml': rules(1) });
  const file = join(folder, 'routes.yaml');
  t.same(await sourceOfFile(file), { kind: 'file', name: file });
  t.same(await sourceOfFile(`${file}.gone`), { kind: 'file', name: `${file}.gone` });
  const volume = new ConfigMapVolume(join(folder, 'volume'));
  volume.write({ 'routes.yaml': rules(1) });
  const mounted = join(volume.directory, 'routes.yaml');
  t.same(await sourceOfFile(mounted), { kind: 'volume', name: volume.directory });
  symlinkSync(mounted, join(folder, 'link.yaml'));
  t.same(await sourceOfFile(join(folder, 'link.yaml')), {
    kind: 'volume',
    name: volume.directory,
  });
});
