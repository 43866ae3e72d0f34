import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { resources } from '#core/kubernetes/api';
import type { ConfigMap } from '#core/kubernetes/objects';
import { ConfigMapLedger } from '../../src/cluster/configmap-ledger.ts';
import { MadeUpStore } from '../support/object-store.ts';

interface Kept {
  readonly step: number;
  readonly much?: string;
}

const person = { term: undefined, mayWrite: () => true };
const leader = (term: number) => ({ term, mayWrite: () => true });

async function ledgerOf(store: MadeUpStore) {
  const told: Kept[] = [];
  const troubles: string[] = [];
  const ledger: ConfigMapLedger<Kept> = new ConfigMapLedger({
    api: store,
    namespace: 'shop',
    name: 'turnout',
    nothing: { step: 0 },
    read: (value) => value as Kept,
    changed: () => told.push(ledger.latest().kept),
    troubled: (message) => troubles.push(message),
  });
  await ledger.ready;
  return { ledger, told, troubles };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await turn();
}

const object = (store: MadeUpStore) =>
  store.get<ConfigMap>(resources.configMaps, 'shop', 'turnout');

test('what one replica writes the others hear', async (t) => {
  const store = new MadeUpStore();
  const [a, b] = [await ledgerOf(store), await ledgerOf(store)];
  t.match(a.ledger.latest(), { kept: { step: 0 }, version: '', term: 0 });
  const version = await a.ledger.write({ step: 1 }, '', leader(3));
  await settled();
  t.match(b.ledger.latest(), { kept: { step: 1 }, version, term: 3 });
  t.strictSame(b.told, [{ step: 1 }]);
  t.strictSame(a.told, [], 'and the one that wrote knows it already');
  t.match(JSON.parse((await object(store))?.data?.['ledger.json'] ?? ''), {
    format: 1,
    term: 3,
    kept: { step: 1 },
  });
});

test('an empty ConfigMap that was there is written, not made', async (t) => {
  const store = new MadeUpStore();
  store.set(resources.configMaps, 'shop', { metadata: { name: 'turnout' } });
  const { ledger } = await ledgerOf(store);
  t.ok(await ledger.write({ step: 1 }, ledger.latest().version, leader(1)));
});

test('who was overtaken has not written, and has what is there now', async (t) => {
  const store = new MadeUpStore();
  const [a, b] = [await ledgerOf(store), await ledgerOf(store)];
  const version = (await a.ledger.write({ step: 1 }, '', leader(1))) ?? '';
  await settled();
  await a.ledger.write({ step: 2 }, version, leader(1));
  t.equal(await b.ledger.write({ step: 9 }, version, person), undefined);
  t.match(b.ledger.latest(), { kept: { step: 2 } });
  t.match(b.ledger.counts, { conflicts: 1, written: 0 });
});

test('somebody who writes at the very moment is a conflict too', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  const version = (await ledger.write({ step: 1 }, '', leader(1))) ?? '';
  store.before = () => {
    const text = JSON.stringify({ format: 1, term: 1, serial: 7, kept: { step: 5 } });
    store.set(resources.configMaps, 'shop', {
      metadata: { name: 'turnout' },
      data: { 'ledger.json': text },
    } as ConfigMap);
  };
  t.equal(await ledger.write({ step: 2 }, version, leader(1)), undefined);
  t.match(ledger.latest().kept, { step: 5 });
});

test('what a leader of an older term has decided is not written', async (t) => {
  const store = new MadeUpStore();
  const [a, b] = [await ledgerOf(store), await ledgerOf(store)];
  await b.ledger.write({ step: 1 }, '', leader(2));
  await settled();
  const { version } = a.ledger.latest();
  t.equal(await a.ledger.write({ step: 2 }, version, leader(1)), undefined);
  t.ok(await a.ledger.write({ step: 3 }, version, person), 'what a person says is');
  t.equal(a.ledger.latest().term, 2, 'under the term that there is');
});

test('nothing is sent by who may not any more', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  const slept = { term: 1, mayWrite: () => false };
  await t.rejects(ledger.write({ step: 1 }, '', slept), { message: /does not lead/ });
  t.equal(store.writes, 0);
});

test('what keeps it from being written is told until it is', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  t.equal(ledger.trouble, undefined);
  store.isAway = true;
  await t.rejects(ledger.write({ step: 1 }, '', leader(1)), { message: 'connection refused' });
  t.equal(ledger.trouble, 'the ledger cannot be written: connection refused');
  t.match(ledger.counts, { failures: 1 });
  store.isAway = false;
  await ledger.write({ step: 1 }, '', leader(1));
  t.equal(ledger.trouble, undefined);
});

test('documents go along, packed, and the oldest make room', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  // What gzip cannot make much shorter.
  const noise = () => randomBytes(225_000).toString('base64');
  const texts = new Map(['a', 'b', 'c', 'd', 'e'].map((hash) => [hash, noise()]));
  let version = '';
  for (const [hash, text] of texts) {
    ledger.saveDocument(hash, text);
    ledger.retain(new Set([...texts.keys()].slice(0, [...texts.keys()].indexOf(hash) + 1)));
    version = (await ledger.write({ step: 1 }, version, leader(1))) ?? '';
    t.not(version, '');
  }
  const bytes = JSON.stringify(await object(store)).length;
  t.ok(bytes < 1_048_576, `${bytes}`);
  const other = await ledgerOf(store);
  t.equal(await other.ledger.document('e'), texts.get('e'), 'another replica can read it');
  t.equal(await other.ledger.document('a'), undefined, 'the oldest has gone');
});

test('a long ledger is packed, and a short one is plain again', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  const long = { step: 1, much: 'x'.repeat(300_000) };
  const version = (await ledger.write(long, '', leader(1))) ?? '';
  t.ok(JSON.stringify(await object(store)).length < 5_000);
  t.match((await ledgerOf(store)).ledger.latest().kept, long);
  await ledger.write({ step: 2 }, version, leader(1));
  t.match(Object.keys((await object(store))?.binaryData ?? {}), []);
  t.match((await ledgerOf(store)).ledger.latest().kept, { step: 2 });
});

test('what cannot be read changes nothing, and is told once', async (t: Test) => {
  const store = new MadeUpStore();
  const { ledger, troubles } = await ledgerOf(store);
  await ledger.write({ step: 1 }, '', leader(1));
  store.set(resources.configMaps, 'shop', {
    metadata: { name: 'turnout' },
    data: { 'ledger.json': '{ "format": 9 }' },
  } as ConfigMap);
  await settled();
  t.match(ledger.latest().kept, { step: 1 });
  t.match(troubles, [/^configmap shop\/turnout: cannot be read: format 9 is not known; delete/]);
});

test('a ConfigMap that is deleted is made anew with what was in it', async (t) => {
  const store = new MadeUpStore();
  const { ledger } = await ledgerOf(store);
  await ledger.write({ step: 4 }, '', leader(1));
  store.delete(resources.configMaps, 'shop', 'turnout');
  await ledger.refresh();
  const { kept, version } = ledger.latest();
  t.match({ kept, version }, { kept: { step: 4 }, version: '' });
  t.ok(await ledger.write(kept, version, leader(1)));
});
