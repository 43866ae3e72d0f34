import { type Test, test } from 'tap';
import { readSettings } from '../../src/cli/settings.ts';
import { Replica } from '../../src/edge/replica.ts';
import { logOf } from '../../src/telemetry/log.ts';
import { MadeUpStore } from '../support/object-store.ts';

/** A replica before it moves anything: it answers others already. */
async function replicaOf(t: Test): Promise<Replica> {
  const { settings } = readSettings(
    { replica: 'turnout-a', state: 'configmap:shop/turnout', logLevel: 'silent' },
    {},
  );
  if (settings?.state === undefined) throw new Error('the settings are good');
  const replica = new Replica({
    settings,
    state: settings.state,
    api: new MadeUpStore(),
    log: logOf({ level: 'silent' }),
    tokens: async () => [],
  });
  t.teardown(() => replica.close());
  await replica.ready();
  return replica;
}

const never = new AbortController().signal;
const part = (term: number, from = 0, log = 'a/1') => ({
  ...{ term, from, release: 'shop-1', id: log },
  bytes: Buffer.alloc(8, term).toString('base64'),
});

test('a replica says who it is, and what of it is not there', async (t) => {
  const replica = await replicaOf(t);
  t.match(await replica.answer('hello', {}, never), {
    ...{ replica: 'turnout-a', epoch: /^[0-9a-f-]{36}$/, hash: '', weights: 0, term: undefined },
  });
  t.equal(await replica.answer('nonsense', {}, never), undefined);
  t.match(await replica.answer('tallies', {}, never), { batches: [], isUrgent: false });
  await t.rejects(replica.answer('tallies', { waitMs: 'long' }, never), TypeError);
});

test('units of a leader of the past are not taken', async (t) => {
  const replica = await replicaOf(t);
  t.match(await replica.answer('units', part(2), never), { length: 8 });
  t.match(await replica.answer('units', part(2, 8), never), { length: 16 });
  await t.rejects(replica.answer('units', part(1, 0, 'older/1'), never), {
    message: 'a later leader has been heard of',
  });
  const kept = await replica.answer('units-of', { release: 'shop-1', from: 0 }, never);
  t.match(kept, { id: 'a/1', bytes: Buffer.alloc(16, 2).toString('base64') });
  t.match(await replica.answer('units', part(3, 0, 'b/3'), never), { length: 8 }, 'of a later one');
});

test('what is counted here is told until it is durable, and once to each who asks', async (t) => {
  const replica = await replicaOf(t);
  const { epoch } = (await replica.answer('hello', {}, never)) as { readonly epoch: string };
  const ask = async (question: object) => {
    const told = await replica.answer('tallies', { epoch, ...question }, never);
    return (told as { readonly batches: readonly { readonly sequence: number }[] }).batches;
  };
  replica.add({
    ...{ release: 'shop-1', revision: 1, step: 0 },
    ...{ requests: new Float64Array(36), pairs: new Float64Array(11) },
    ...{ slices: new Uint16Array(0), sliceCounts: new Float64Array(0) },
    ...{ bins: new Uint16Array(0), binCounts: new Float64Array(0) },
    ...{ units: new Float64Array(0), marks: new Uint16Array(0) },
  });
  t.match(await ask({}), [{ sequence: 1, items: [{ release: 'shop-1' }] }]);
  t.match(await ask({ after: 1 }), []);
  t.equal((await ask({})).length, 1, 'another one is told too');
  t.equal((await ask({ after: 1, durable: 1, epoch: 'another' })).length, 1, 'in another process');
  t.equal((await ask({ after: 0, durable: 1 })).length, 0);
});
