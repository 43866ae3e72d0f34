import fc from 'fast-check';
import { test } from 'tap';
import type { ServiceEndpoints } from '#core/endpoints/service-endpoints';
import type { RouteRule, ServiceRule } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import { ruleChanges } from '#core/snapshot/rule-changes';
import {
  type EndpointsOf,
  neededServices,
  servicesIn,
  type WithEndpoints,
  withEndpoints,
} from '#core/snapshot/with-endpoints';
import { shop } from '../endpoints/slices.ts';
import { rule, snapshotOf, version } from '../routing/made-up.ts';

const ofService = (name: string, service: ServiceRule, rest = {}) =>
  version(name, { urls: [], service, ...rest });
const documentOf = (...routes: readonly RouteRule[]) => ({
  apiVersion: 'turnout/v1' as const,
  routes,
});
const at = (...hosts: readonly string[]): ServiceEndpoints => ({
  urls: hosts.map((host) => `http://${host}:8080`),
  isTerminating: false,
  trouble: '',
});
const options = { hash: 'a1b2c3d4e5f6', rowOf: () => 0 };

test('a document without services is the same object', async (t) => {
  const written = documentOf(rule({ name: 'shop' }));
  t.equal(withEndpoints(written, () => at('10.0.0.1')).document, written);
});

test('the endpoints of a service take the place of urls; others stay as they are', async (t) => {
  const service = shop();
  const written = documentOf(
    rule({ name: 'shop', versions: [version('v1'), ofService('v2', service)] }),
    rule({ name: 'rest' }),
  );
  const { document } = withEndpoints(written, () => at('10.0.0.1', '10.0.0.2'));
  t.equal(document.routes[1], written.routes[1]);
  t.same(
    document.routes[0]?.versions.map(({ urls }) => urls),
    [['http://v1:8080'], ['http://10.0.0.1:8080', 'http://10.0.0.2:8080']],
  );
  t.equal(document.routes[0]?.versions[1]?.service, service, 'it is followed by that');
});

test('what is not known yet has no endpoint, and says so', async (t) => {
  const written = documentOf(rule({ name: 'shop', versions: [ofService('v1', shop())] }));
  const { document } = withEndpoints(written, () => undefined);
  t.match(document.routes[0]?.versions, [
    { urls: [], trouble: 'its endpoints are not known yet', isTerminating: false },
  ]);
});

test('all of a service terminating, and why there is none, come with it', async (t) => {
  const found = { urls: [], isTerminating: true, trouble: 'service shop has no ready endpoint' };
  const written = documentOf(rule({ name: 'shop', versions: [ofService('v1', shop())] }));
  const { document } = withEndpoints(written, () => found);
  t.match(document.routes[0]?.versions, [found]);
  const [route] = compile(document, options).routes;
  t.match(route?.versions, [
    { service: 'shop:http', isTerminating: true, trouble: 'service shop has no ready endpoint' },
  ]);
});

test('a document that changes in one route keeps what it knows of the others', async (t) => {
  const [one, other] = [shop({ name: 'one' }), shop({ name: 'other' })];
  const routes = [
    rule({ name: 'a', versions: [ofService('v1', one)] }),
    rule({ name: 'b', versions: [ofService('v1', other)] }),
  ];
  const endpoints = at('10.0.0.1');
  const before = withEndpoints(documentOf(...routes), () => endpoints);
  const [a = rule({ name: 'a' }), b = rule({ name: 'b' })] = routes;
  const reweighed = { ...a, salt: 'another' };
  const after = withEndpoints(documentOf(reweighed, b), () => endpoints, before);
  t.equal(after.document.routes[1], before.document.routes[1]);
  t.equal(after.document.routes[0]?.salt, 'another');
});

test('only rules whose endpoints change become others, whatever changes', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const services = new Map(names.map((name) => [name, shop({ name })]));
  const anyRoute = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 });
  const anyChange = fc.record({ name: fc.constantFrom(...names), host: fc.constantFrom('x', 'y') });
  fc.assert(
    fc.property(
      fc.array(anyRoute, { minLength: 1, maxLength: 5 }),
      fc.array(anyChange),
      (routes, changes) => {
        const written = documentOf(
          ...routes.map((used, index) =>
            rule({
              name: `route-${index}`,
              versions: used.map((name) => ofService(name, services.get(name) ?? shop())),
            }),
          ),
        );
        const known = new Map(names.map((name) => [name, at('x')]));
        const endpointsOf: EndpointsOf = ({ name }) => known.get(name);
        let source: WithEndpoints = withEndpoints(written, endpointsOf);
        return changes.every(({ name, host }) => {
          const isNews = known.get(name)?.urls[0] !== `http://${host}:8080`;
          if (isNews) known.set(name, at(host));
          const next = withEndpoints(written, endpointsOf, source);
          const changed = ruleChanges(source.document, next.document)?.map(([index]) => index);
          const expected = routes.flatMap((used, index) =>
            isNews && used.includes(name) ? [index] : [],
          );
          const isSame =
            expected.length === 0 ? next === source : next.document !== source.document;
          source = next;
          return isSame && JSON.stringify(changed) === JSON.stringify(expected);
        });
      },
    ),
  );
});

test('all services are followed; those of disabled versions need not be known', async (t) => {
  const [one, other] = [shop({ name: 'one' }), shop({ name: 'other' })];
  const written = documentOf(
    rule({
      name: 'shop',
      versions: [ofService('v1', one), ofService('v2', other, { state: 'disabled' })],
    }),
  );
  t.same(servicesIn(written), [one, other]);
  t.same(neededServices(written), [one]);
});

test('a difference tells of services, and not of what they have at the moment', async (t) => {
  const text = (before: RouteRule, after: RouteRule) =>
    differenceText(difference(snapshotOf(before), snapshotOf(after))).slice(0, -1);
  const by = (...versions: RouteRule['versions']) => rule({ name: 'shop', versions });
  const v1 = ofService('v1', shop());
  t.same(text(by({ ...v1, urls: ['http://10.0.0.1:8080'] }), by(v1)), []);
  t.same(text(by(v1), by(ofService('v1', shop({ port: 80, namespace: 'store' })))), [
    'route shop: version v1: service shop:http → store/shop:80',
  ]);
  t.same(text(by(version('v1')), by(v1)), [
    'route shop: version v1: endpoints http://v1:8080 → service shop:http',
  ]);
});
