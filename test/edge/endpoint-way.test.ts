import { type Test, test } from 'tap';
import { EndpointWay } from '../../src/edge/endpoint-way.ts';
import { ready, shop, slice } from '../core/endpoints/slices.ts';
import { rule, version } from '../core/routing/made-up.ts';
import { eventually } from '../support/eventually.ts';
import { FakeCluster } from '../support/fake-cluster.ts';

const slicesOf = (name: string) => `endpointslices store kubernetes.io/service-name=${name}`;

function documentOf(...services: readonly string[]) {
  const versions = services.map((name) =>
    version(name, { urls: [], service: shop({ name, namespace: 'store' }) }),
  );
  return { apiVersion: 'turnout/v1' as const, routes: [rule({ versions })] };
}

function house(t: Test, times = { documentMs: 600_000, rolloutMs: 600_000 }) {
  const cluster = new FakeCluster();
  const awaited: string[] = [];
  const told = { known: 0, changed: 0 };
  const way = new EndpointWay(
    {
      cluster: async () => ({ watch: cluster.watch, namespace: 'store' }),
      changed: () => {
        told.changed += 1;
      },
      known: () => {
        told.known += 1;
      },
      awaited: (unknown) => awaited.push(...unknown),
    },
    times,
  );
  t.teardown(() => way.close());
  return { cluster, way, awaited, told };
}

function untouched(t: Test) {
  const never = (what: string) => () => {
    t.fail(what);
  };
  return { changed: never('changed'), known: never('known'), awaited: never('awaited') };
}

const isNext = () => ({ isFirst: false, newer: new AbortController().signal });

test('a document without services asks for no cluster', async (t) => {
  const way = new EndpointWay({ ...untouched(t), cluster: async () => 'nobody may ask' });
  t.same(await way.prepare({ apiVersion: 'turnout/v1', routes: [rule()] }, isNext()), []);
  way.inForce({ apiVersion: 'turnout/v1', routes: [rule()] });
});

test('where there is no cluster a document with a service is refused at once', async (t) => {
  const way = new EndpointWay({ ...untouched(t), cluster: async () => 'there is none' });
  t.same(await way.prepare(documentOf('shop'), isNext()), [
    'service store/shop:http cannot be followed: there is none',
  ]);
});

test('a document waits until its services are known', async (t) => {
  const { cluster, way } = house(t);
  const document = documentOf('shop');
  const prepared = way.prepare(document, isNext());
  await eventually(() => cluster.watched.length === 1, 'it is followed');
  cluster.show(slicesOf('shop'), slice([ready('10.0.0.1')]));
  t.same(await prepared, []);
});

test('one that waits in vain is refused, and taken again when they are known', async (t) => {
  const { cluster, way, told } = house(t, { documentMs: 1, rolloutMs: 1 });
  await way.ready(documentOf('old'));
  t.same(await way.prepare(documentOf('shop'), isNext()), [
    'the endpoints of service store/shop:http are not known: nothing was heard of them yet',
  ]);
  t.same(cluster.watched, [slicesOf('old'), slicesOf('shop')], 'it is followed all the same');
  t.equal(told.known, 0);
  cluster.show(slicesOf('shop'));
  await eventually(() => told.known === 1, 'it may be taken again');
});

test('a source that goes back to what is in force follows nothing else', async (t) => {
  const { cluster, way, told } = house(t, { documentMs: 1, rolloutMs: 1 });
  await way.ready(documentOf('old'));
  await way.prepare(documentOf('shop'), isNext());
  way.settled();
  t.same(cluster.watched, [slicesOf('old')]);
  t.equal(told.known, 0);
});

test('the first document waits as long as it takes, and says for what', async (t) => {
  const { cluster, way, awaited } = house(t, { documentMs: 1, rolloutMs: 1 });
  const first = { isFirst: true, newer: new AbortController().signal };
  const prepared = way.prepare(documentOf('shop'), first);
  await eventually(() => awaited.length > 2, 'it says so again and again');
  t.match(awaited[0], 'the endpoints of service store/shop:http are not known');
  cluster.show(slicesOf('shop'));
  t.same(await prepared, []);
});

test('who waits tells it, so that a newer document may come; then it gives up', async (t) => {
  const { way, told, cluster } = house(t);
  const newer = new AbortController();
  const stalled = way.stalled();
  const prepared = way.prepare(documentOf('shop'), { isFirst: true, newer: newer.signal });
  await stalled;
  newer.abort();
  t.match(await prepared, ['the endpoints of service store/shop:http are not known']);
  // The newer one names another service: what the older one lacked is of no matter.
  void way.prepare(documentOf('other'), isNext());
  await eventually(() => cluster.watched.join() === slicesOf('other'), 'only that is followed');
  t.equal(told.known, 0);
});

test('a rollout waits a little for services that it brings in, and goes on without them', async (t) => {
  const { way, cluster } = house(t, { documentMs: 1, rolloutMs: 1 });
  await way.ready(documentOf('pinned'));
  t.same(cluster.watched, [slicesOf('pinned')]);
});
