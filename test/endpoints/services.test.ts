import { test } from 'tap';
import { Services } from '../../src/endpoints/services.ts';
import { ofPod, ready, service, shop, slice } from '../core/endpoints/slices.ts';
import { FakeCluster } from '../support/fake-cluster.ts';

const slicesOfShop = 'endpointslices store kubernetes.io/service-name=shop';
const serviceShop = 'services store shop';
const podsOfStore = 'pods store version';

function house({ namespace }: { readonly namespace: string | undefined } = { namespace: 'store' }) {
  const cluster = new FakeCluster();
  let changes = 0;
  const services = new Services({
    watch: cluster.watch,
    namespace,
    changed: () => {
      changes += 1;
    },
  });
  return { cluster, services, changes: () => changes };
}

/** A Service of this name with its port `http` at 80. */
function named(name: string) {
  const metadata = { name, namespace: 'store' };
  return { ...service({ name: 'http', port: 80 }), metadata };
}

const one = { urls: ['http://10.0.0.1:8080'], isTerminating: false, trouble: '' };
const soon = { timeoutMs: 60_000 };

test('a service is watched by its slices, and known when they are', async (t) => {
  const { cluster, services, changes } = house();
  const rule = shop();
  services.follow([rule]);
  t.same(cluster.watched, [slicesOfShop]);
  t.equal(services.endpointsOf(rule), undefined);
  const known = services.known([rule], soon);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  t.same(await known, []);
  t.same(services.endpointsOf(rule), one);
  t.equal(changes(), 1);
});

test('no slice at all is an answer: nobody is there', async (t) => {
  const { cluster, services } = house();
  const rule = shop();
  services.follow([rule]);
  cluster.show(slicesOfShop);
  t.same(await services.known([rule], soon), []);
  t.match(services.endpointsOf(rule), { urls: [], trouble: 'has no ready endpoint' });
});

test('what stays the same is the same object, whatever else changes', async (t) => {
  const { cluster, services } = house();
  const rule = shop();
  services.follow([rule]);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  const before = services.endpointsOf(rule);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1', { addresses: ['10.0.0.1', '10.0.0.9'] })]));
  t.equal(services.endpointsOf(rule), before);
  cluster.show(slicesOfShop, slice([ready('10.0.0.2')]));
  t.match(services.endpointsOf(rule), { urls: ['http://10.0.0.2:8080'] });
});

test('a port by number asks for the Service too, and waits for it', async (t) => {
  const { cluster, services } = house();
  const rule = shop({ port: 80 });
  services.follow([rule]);
  t.same(cluster.watched, [slicesOfShop, serviceShop]);
  const known = services.known([rule], soon);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  t.equal(services.endpointsOf(rule), undefined, 'the Service might not have that port');
  cluster.show(serviceShop, service({ name: 'http', port: 80 }));
  t.same(await known, []);
  t.same(services.endpointsOf(rule), one);
  cluster.show(serviceShop, service({ name: 'http', port: 81 }));
  t.match(services.endpointsOf(rule), { urls: [], trouble: 'the Service has no port 80' });
});

test('a Service that may not be read is done without where there is only one port', async (t) => {
  const { cluster, services } = house();
  const rule = shop({ port: 80 });
  services.follow([rule]);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  cluster.trouble(serviceShop, 'may not list services in store');
  t.same(await services.known([rule], soon), []);
  t.same(services.endpointsOf(rule), one);
});

test('but not where either port could be meant', async (t) => {
  const { cluster, services } = house();
  const rule = shop({ port: 80 });
  services.follow([rule]);
  const ports = [
    { name: 'http', port: 8080 },
    { name: 'metrics', port: 9090 },
  ];
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')], { ports }));
  cluster.trouble(serviceShop, 'may not list services in store');
  t.same(await services.known([rule], { timeoutMs: 0 }), [
    'the endpoints of service shop:80 are not known: may not list services in store',
  ]);
});

test('pods are watched where their labels tell versions apart, once for all versions', async (t) => {
  const { cluster, services } = house();
  const v1 = shop({ podLabel: { key: 'version', value: 'v1' } });
  const v2 = shop({ podLabel: { key: 'version', value: 'v2' } });
  services.follow([v1, v2]);
  t.same(cluster.watched, [slicesOfShop, podsOfStore]);
  const known = services.known([v1, v2], soon);
  const slices = slice([ofPod('a', ready('10.0.0.1')), ofPod('b', ready('10.0.0.2'))]);
  cluster.show(slicesOfShop, slices);
  t.equal(services.endpointsOf(v1), undefined, 'nothing is known of the pods yet');
  const pod = (name: string, version: string) => ({
    metadata: { name, namespace: 'store', uid: name, labels: { version } },
  });
  cluster.show(podsOfStore, pod('a', 'v1'), pod('b', 'v2'));
  t.same(await known, []);
  t.match(services.endpointsOf(v1), { urls: ['http://10.0.0.1:8080'] });
  t.match(services.endpointsOf(v2), { urls: ['http://10.0.0.2:8080'] });
});

test('who is not known in time is told of with what keeps it', async (t) => {
  const { cluster, services } = house();
  const [rule, other] = [shop(), shop({ name: 'cart', namespace: 'carts' })];
  services.follow([rule, other]);
  cluster.trouble(slicesOfShop, 'may not list endpointslices in store');
  t.same(await services.known([rule, other], { timeoutMs: 0 }), [
    'the endpoints of service shop:http are not known: may not list endpointslices in store',
    'the endpoints of service carts/cart:http are not known: nothing was heard of them yet',
  ]);
});

test('who gives up does not wait for the time to be over', async (t) => {
  const { services } = house();
  const rule = shop();
  services.follow([rule]);
  const newer = new AbortController();
  const known = services.known([rule], { timeoutMs: 600_000, givenUp: newer.signal });
  newer.abort();
  t.match(await known, ['the endpoints of service shop:http are not known']);
});

test('exactly what is named is watched, and what is named again goes on', async (t) => {
  const { cluster, services } = house();
  const [rule, cart] = [shop(), shop({ name: 'cart' })];
  services.follow([rule]);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  const slicesOfCart = 'endpointslices store kubernetes.io/service-name=cart';
  services.follow([rule, cart]);
  t.same(cluster.watched, [slicesOfCart, slicesOfShop]);
  // Another document says the same of it with other objects.
  const again = shop();
  services.follow([again]);
  t.same(cluster.watched, [slicesOfShop]);
  t.same(services.endpointsOf(again), one, 'known without waiting');
  services.follow([]);
  t.same(cluster.watched, []);
});

test('many services of a namespace are watched all at once, and nothing is forgotten meanwhile', async (t) => {
  const { cluster, services } = house();
  const few = Array.from({ length: 20 }, (_, at) => shop({ name: `shop-${at}`, port: 80 }));
  const [first = shop(), second = shop()] = few;
  const slicesOf = (name: string) => `endpointslices store kubernetes.io/service-name=${name}`;
  services.follow(few);
  t.equal(cluster.watched.length, 40);
  cluster.show(slicesOf('shop-0'), slice([ready('10.0.0.1')], {}, 'shop-0'));
  cluster.show('services store shop-0', named('shop-0'));
  t.match(services.endpointsOf(first), one);

  const more = shop({ name: 'more', port: 80 });
  const elsewhere = shop({ name: 'shop', namespace: 'elsewhere' });
  services.follow([...few, more, elsewhere]);
  t.same(cluster.watched, [
    'endpointslices elsewhere kubernetes.io/service-name=shop',
    'endpointslices store kubernetes.io/service-name',
    'services store',
  ]);
  t.match(services.endpointsOf(first), one, 'known from before');
  const known = services.known([first, second, more], soon);
  cluster.show(
    'endpointslices store kubernetes.io/service-name',
    slice([ready('10.0.0.2')], {}, 'shop-0'),
    slice([ready('10.0.0.3')], {}, 'shop-1'),
  );
  cluster.show('services store', named('shop-0'), named('shop-1'));
  t.same(await known, []);
  t.match(services.endpointsOf(first), { urls: ['http://10.0.0.2:8080'] });
  t.match(services.endpointsOf(second), { urls: ['http://10.0.0.3:8080'] });
  t.match(services.endpointsOf(more), { urls: [], trouble: 'has no ready endpoint' });

  services.follow([first]);
  t.same(cluster.watched, [slicesOf('shop-0'), 'services store shop-0']);
});

test('what was known stays when the watch ends', async (t) => {
  const { cluster, services } = house();
  const rule = shop();
  services.follow([rule]);
  cluster.show(slicesOfShop, slice([ready('10.0.0.1')]));
  services.close();
  t.same(cluster.watched, []);
  t.same(services.endpointsOf(rule), one);
});

test('without a namespace of its own a process follows only services that name one', async (t) => {
  const { services } = house();
  const nowhere = house({ namespace: undefined }).services;
  t.same(nowhere.impossible([shop(), shop({ namespace: 'store' }), shop()]), [
    'service shop:http names no namespace, and this process is in none: write namespace beside its name',
  ]);
  t.same(services.impossible([shop()]), []);
});
