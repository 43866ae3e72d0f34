import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { type Kept, nothingKept } from '../../src/rollout/kept.ts';
import { FileLedger } from '../../src/rollout/ledger.ts';

function inNewDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'turnout-ledger-'));
}

test('an empty directory has nothing in it', async (t) => {
  t.strictSame(new FileLedger(inNewDirectory()).load(), nothingKept);
});

test('what was saved last is what is found', async (t) => {
  const directory = inNewDirectory();
  const ledger = new FileLedger(directory);
  const kept = (releases: number): Kept => ({ ...nothingKept, releases });
  await Promise.all([1, 2, 3].map((releases) => ledger.save(kept(releases))));
  t.strictSame(new FileLedger(directory).load(), kept(3));
});

test('what a dead process had begun to write changes nothing', async (t) => {
  const directory = inNewDirectory();
  await new FileLedger(directory).save({ ...nothingKept, releases: 7 });
  writeFileSync(join(directory, 'ledger.json.new'), '{"format":1,"relea');
  const again = new FileLedger(directory);
  t.equal(again.load().releases, 7);
  await again.save({ ...nothingKept, releases: 8 });
  t.equal(new FileLedger(directory).load().releases, 8);
});

test('a ledger that cannot be read is an error with place, cause and remedy', async (t) => {
  const directory = inNewDirectory();
  const ledger = new FileLedger(directory);
  writeFileSync(join(directory, 'ledger.json'), '{"format":1');
  t.throws(() => ledger.load(), { message: /ledger\.json: cannot be read: .*; move it away/ });
  writeFileSync(join(directory, 'ledger.json'), '{"format":2}');
  t.throws(() => ledger.load(), { message: /format 2 is not known/ });
});

test('units are added up, and what is not whole is cut off', async (t) => {
  const directory = inNewDirectory();
  const ledger = new FileLedger(directory);
  await ledger.addUnits('a/b', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  await ledger.addUnits('a/b', Uint8Array.of(9, 9, 9));
  t.strictSame([...(await ledger.unitsOf('a/b'))], [1, 2, 3, 4, 5, 6, 7, 8]);
  await ledger.addUnits('a/b', Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1));
  t.equal((await ledger.unitsOf('a/b')).length, 16, 'and what comes later is where it belongs');
  t.strictSame(readdirSync(join(directory, 'units')).length, 1, 'in one file of the directory');
});

test('documents, units and ticks that nothing names any more are thrown away', async (t) => {
  const directory = inNewDirectory();
  const ledger = new FileLedger(directory);
  for (const hash of ['aaa', 'bbb']) await ledger.saveDocument(hash, `text of ${hash}`);
  for (const release of ['..', 'shop-2']) await ledger.addTicks(release, 'tick\n');
  ledger.retain(new Set(['bbb']), new Set(['..']));
  t.equal(await ledger.document('aaa'), undefined);
  t.equal(await ledger.document('bbb'), 'text of bbb');
  t.equal(await ledger.ticksOf('shop-2'), undefined);
  t.equal(await ledger.ticksOf('..'), 'tick\n', 'whatever a release is called');
  t.equal(readFileSync(join(directory, 'documents/bbb'), 'utf8'), 'text of bbb');
});
