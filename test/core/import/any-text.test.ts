import fc from 'fast-check';
import { test } from 'tap';
import { type ImportKind, importers, importText } from '#core/import/import-text';
import { translated, untranslated } from '#core/import/ingress-nginx/annotations';
import { documentIn } from './imported.ts';
import { ingress, listOf } from './ingresses.ts';

const kinds = Object.keys(importers) as readonly ImportKind[];

/** Whether a text comes out as a document that `read` has nothing against, or as something that is told. */
function comesOutRight(kind: ImportKind, text: string): boolean {
  const result = importText(kind, text, 'in.yaml');
  if (result.kind === 'problems') return result.problems.length > 0;
  const { document, warnings } = result;
  documentIn(document?.text ?? '');
  // Whoever gets nothing for his objects is told why.
  return (
    document !== undefined ||
    warnings.length > 0 ||
    !/"(?:paths|route)":\[\{/.test(text.replace(/\s/g, ''))
  );
}

const odd = fc.constantFrom(
  '',
  ' ',
  '*',
  'true',
  '0',
  '-1',
  '99999999999999',
  '1e3',
  '/',
  '//',
  '/a/../b',
  '/%zz',
  '/ü',
  '/a b',
  '(',
  '(?=a)',
  '$1',
  '"',
  "'",
  '# x',
  'a\nb',
  '\u2028',
  'x'.repeat(300),
  'https://a/b?c',
  '::1',
  '1.2.3',
  'null',
  '~',
);
const text = fc.oneof(odd, fc.string({ maxLength: 12 }));
const name = fc.oneof(fc.constantFrom('web', 'Web.1', '-x', 'a'.repeat(80), 'ü'), text);

const annotationNames = [...translated, ...untranslated.flatMap(({ names }) => names), 'made-up'];
const anIngress = fc
  .record({
    name,
    namespace: fc.constantFrom('shop', ''),
    host: fc.oneof(fc.constantFrom('shop.example.com', '*.example.com', ''), text),
    path: fc.oneof(fc.constantFrom('/', '/a', '/a/(.*)', '/a(/|$)(.*)'), text),
    pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
    service: fc.oneof(fc.constantFrom('shop-v1', 'shop-v2'), text),
    port: fc.oneof(fc.nat(70_000), fc.constantFrom('http', 'ü')),
    annotations: fc.dictionary(
      fc.constantFrom(...annotationNames),
      fc.oneof(
        fc.constantFrom('true', '10', 'HTTPS', 'x-canary', '/$1', 'https://a.b$request_uri'),
        text,
      ),
      { maxKeys: 6 },
    ),
  })
  .map((made) => ingress(made));

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 100, 503));
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.constant({}),
);
const match = fc.oneof(
  leaf,
  fc.record({ exact: text }),
  fc.record({ prefix: fc.oneof(fc.constantFrom('/', '/a', '/a/'), text) }),
  fc.record({ regex: text }),
);
const duration = fc.oneof(fc.constantFrom('1s', '0s', '1.5s', '1h', '1us', 'x'), leaf);
const destination = fc.record(
  {
    host: fc.oneof(fc.constantFrom('a', 'a.b.svc.cluster.local', 'x.org'), text),
    subset: fc.constantFrom('v1', 'v2'),
    port: fc.record({ number }),
  },
  { requiredKeys: ['host'] },
);
const some: { requiredKeys: never[] } = { requiredKeys: [] };
const headers = fc.record(
  {
    request: fc.record({ set: fc.dictionary(name, text), remove: fc.array(name) }, some),
    response: leaf,
  },
  some,
);
const aRoute = fc.record(
  {
    name,
    match: fc.array(
      fc.record(
        {
          uri: match,
          ignoreUriCase: fc.boolean(),
          method: match,
          scheme: match,
          authority: match,
          headers: fc.dictionary(name, match),
          withoutHeaders: fc.dictionary(name, match),
          queryParams: fc.dictionary(name, match),
          port: number,
        },
        some,
      ),
      { maxLength: 3 },
    ),
    route: fc.array(
      fc.record({ destination, weight: number, headers }, { requiredKeys: ['destination'] }),
      { maxLength: 3 },
    ),
    redirect: fc.record(
      { uri: text, authority: text, scheme: text, port: number, redirectCode: number },
      some,
    ),
    directResponse: fc.record({ status: number }),
    rewrite: fc.record({ uri: text, authority: text }, some),
    timeout: duration,
    retries: fc.record({ attempts: number, retryOn: text, perTryTimeout: duration }, some),
    fault: fc.record(
      {
        delay: fc.record({ fixedDelay: duration, percentage: fc.record({ value: number }) }, some),
        abort: fc.record({ httpStatus: number }, some),
      },
      some,
    ),
    mirror: destination,
    mirrorPercentage: fc.record({ value: number }),
    headers,
    corsPolicy: leaf,
  },
  some,
);
const aVirtualService = fc.record({
  apiVersion: fc.constant('networking.istio.io/v1'),
  kind: fc.constant('VirtualService'),
  metadata: fc.record({ name, namespace: fc.constantFrom('shop', '') }),
  spec: fc.record({
    hosts: fc.array(fc.oneof(fc.constantFrom('shop.example.com', '*', '*.b', 'a'), text), {
      maxLength: 3,
    }),
    http: fc.array(aRoute, { maxLength: 4 }),
  }),
});
const aDestinationRule = fc.record({
  apiVersion: fc.constant('networking.istio.io/v1alpha3'),
  kind: fc.constant('DestinationRule'),
  metadata: fc.record({ name }),
  spec: fc.record({
    host: fc.constantFrom('a', 'x.org'),
    subsets: fc.constant([
      { name: 'v1', labels: { version: 'v1' } },
      { name: 'v2', labels: { version: 'v2' } },
    ]),
    trafficPolicy: fc.record(
      {
        connectionPool: fc.record(
          {
            tcp: fc.record({ maxConnections: number, connectTimeout: duration }, some),
            http: fc.record({ http1MaxPendingRequests: number }, some),
          },
          some,
        ),
        outlierDetection: fc.record(
          { consecutive5xxErrors: number, baseEjectionTime: duration, maxEjectionPercent: number },
          some,
        ),
        loadBalancer: fc.record(
          {
            consistentHash: fc.record(
              { httpHeaderName: text, httpCookie: fc.record({ name: text }) },
              some,
            ),
            simple: text,
          },
          some,
        ),
        tls: fc.record(
          {
            mode: fc.constantFrom('SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
            sni: text,
            insecureSkipVerify: fc.boolean(),
          },
          some,
        ),
      },
      some,
    ),
  }),
});

test('any Ingresses give a document that can be put in force, or none', async () => {
  fc.assert(
    fc.property(fc.array(anIngress, { maxLength: 6 }), (objects) =>
      comesOutRight('ingress-nginx', listOf(...objects)),
    ),
    { numRuns: 300 },
  );
});

test('any VirtualServices and DestinationRules do', async () => {
  const objects = fc.array(fc.oneof(aVirtualService, aDestinationRule), { maxLength: 4 });
  fc.assert(
    fc.property(objects, (made) => comesOutRight('istio', listOf(...(made as readonly object[])))),
    { numRuns: 300 },
  );
});

test('any text gives a document, problems or nothing, and none makes it throw', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.oneof(fc.string(), fc.json()), comesOutRight),
    { numRuns: 500 },
  );
});

test('trouble with the text is told as that of a document is', async (t) => {
  const bad = importText('istio', 'kind: Service\n---\na: [', 'in.yaml');
  t.match(bad, { kind: 'problems', problems: [{ code: 'TN1001', line: 3 }] });
  t.match(importText('istio', 'a: 1\na: 2\n', 'in.yaml'), {
    problems: [{ code: 'TN1006', line: 2 }],
  });
  t.match(importText('istio', '', 'in.yaml'), { problems: [{ code: 'TN1011' }] });
});
