import { type Test, test } from 'tap';
import { resources } from '#core/kubernetes/api';
import { type HttpRoutesPlace, watchHttpRoutes } from '../../src/config/watch-http-routes.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { sourcePorts } from '../support/source-ports.ts';

const { httpRoutes } = resources;

function httpRoute(name: string, more: object = {}) {
  const backendRefs = [
    { name: `${name}-primary`, port: 80, weight: 100 },
    { name: `${name}-canary`, port: 80, weight: 0 },
  ];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'shop' },
    spec: { parentRefs: [{ name: 'edge' }], rules: [{ backendRefs }], ...more },
  };
}

/** Follows HTTPRoutes of a stub; `texts` is what it gave away, each time. */
async function follows(
  t: Test,
  server: ApiServer,
  place: HttpRoutesPlace = { namespace: 'shop', gateway: undefined },
) {
  await server.start();
  t.teardown(() => server.stop());
  const api = openKubernetes({
    env: { KUBECONFIG: server.kubeconfigFile(t) },
    userAgent: 'turnout/test',
    tell: () => undefined,
  });
  t.teardown(() => api.close());
  const texts: string[] = [];
  const watch = watchHttpRoutes(place, sourcePorts(api), async (content) => {
    texts.push(content.kind === 'bytes' ? content.bytes.toString() : content.message);
  });
  t.teardown(() => watch.close());
  await watch.look();
  return texts;
}

function namesIn(text = ''): readonly string[] {
  return JSON.parse(text).items.map((item: { metadata: { name: string } }) => item.metadata.name);
}

test('no HTTPRoute is a document of no routes, and the first one is told', async (t) => {
  const server = new ApiServer();
  const texts = await follows(t, server);
  t.strictSame(texts.map(namesIn), [[]]);
  server.put(httpRoutes, httpRoute('cart'));
  await eventually(() => texts.length === 2, 'the first HTTPRoute is told');
  t.strictSame(namesIn(texts[1]), ['cart']);
});

test('the text is that of the objects, without what a server adds, in the order of names', async (t) => {
  const server = new ApiServer();
  server.put(httpRoutes, httpRoute('cart'));
  server.put(httpRoutes, httpRoute('basket'));
  const [text = ''] = await follows(t, server);
  t.strictSame(namesIn(text), ['basket', 'cart']);
  t.notMatch(text, /resourceVersion|uid|managedFields|status/);
});

test('what changes nothing but its status is not told', async (t) => {
  const server = new ApiServer();
  server.put(httpRoutes, httpRoute('cart'));
  const texts = await follows(t, server);
  server.put(httpRoutes, { ...httpRoute('cart'), ...{ status: { parents: [] } } });
  server.put(httpRoutes, httpRoute('order'));
  await eventually(() => texts.length > 1, 'the other HTTPRoute is told');
  t.strictSame(texts.map(namesIn), [['cart'], ['cart', 'order']]);
});

test('with a gateway, only what names it as a parent is taken', async (t) => {
  const server = new ApiServer();
  const kinds = [
    ['named', [{ name: 'edge' }]],
    ['whole', [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' }]],
    ['second', [{ name: 'other' }, { name: 'edge', namespace: 'shop', sectionName: 'http' }]],
    ['other', [{ name: 'other' }]],
    ['elsewhere', [{ name: 'edge', namespace: 'elsewhere' }]],
    ['mesh', [{ group: '', kind: 'Service', name: 'edge' }]],
    ['none', null],
  ] as const;
  for (const [name, parentRefs] of kinds) server.put(httpRoutes, httpRoute(name, { parentRefs }));
  const texts = await follows(t, server, { namespace: 'shop', gateway: 'edge' });
  t.strictSame(texts.map(namesIn), [['named', 'second', 'whole']]);
});

test('at the start, what can be read comes before the whole, which is told as it is', async (t) => {
  const server = new ApiServer();
  server.put(httpRoutes, httpRoute('cart'));
  server.put(httpRoutes, httpRoute('bad', { rules: 'none' }));
  const texts = await follows(t, server);
  t.strictSame(texts.map(namesIn), [['cart'], ['bad', 'cart']]);
});
