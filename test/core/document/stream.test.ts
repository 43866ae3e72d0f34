import { test } from 'tap';
import { foundIn, httpRoute, routesOf } from '../httproute/an-object.ts';

const rules = `apiVersion: turnout/v1
routes:
  - name: own
    match: { path: /own }
    versions: { v1: { url: "http://v1:8080" } }
`;
const object = httpRoute('- backendRefs: [{ name: a, port: 1 }]');
const names = (text: string) => routesOf(text).map(({ name }) => name);

for (const { that, text, gives } of [
  { that: 'a document alone', text: rules, gives: ['own'] },
  { that: 'an HTTPRoute alone', text: object, gives: ['shop/cart'] },
  { that: 'the document before', text: `${rules}---\n${object}`, gives: ['own', 'shop/cart'] },
  { that: 'the document behind', text: `${object}---\n${rules}`, gives: ['own', 'shop/cart'] },
  {
    that: 'documents that are empty',
    text: `---\n# nothing\n---\n${object}---\n`,
    gives: ['shop/cart'],
  },
  {
    that: 'a document that says only what holds for HTTPRoutes',
    text: `apiVersion: turnout/v1\ndefaults: { unit: request }\n---\n${object}`,
    gives: ['shop/cart'],
  },
  {
    that: 'several HTTPRoutes, by their precedence',
    text: `${object}---\n${httpRoute('- matches: [{ path: { value: /a } }]\n  backendRefs: []', '', 'zoo')}`,
    gives: ['shop/zoo', 'shop/cart'],
  },
  {
    that: 'lists, as kubectl prints them',
    text: `apiVersion: v1
kind: List
metadata: { resourceVersion: "" }
items:
  - ${object.replaceAll('\n', '\n    ')}
`,
    gives: ['shop/cart'],
  },
  {
    that: 'v1beta1, and JSON',
    text: JSON.stringify({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'HTTPRoute',
      metadata: { name: 'a', creationTimestamp: null, managedFields: [{ manager: 'kubectl' }] },
      spec: { parentRefs: [{ name: 'edge' }] },
      status: { parents: [{ controllerName: 'x' }] },
    }),
    gives: ['default/a'],
  },
  {
    that: 'a list of none',
    text: 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRouteList\nitems: []\n',
    gives: [],
  },
]) {
  test(`a text may hold ${that}`, async (t) => {
    t.strictSame(names(text), gives);
  });
}

for (const { that, text, finds } of [
  {
    that: 'a document without routes alone',
    text: 'apiVersion: turnout/v1\nservices: { a: "http://a" }\n',
    finds: [
      '1 TN2002 the document needs a key "routes"',
      '2 TN3030 services: no HTTPRoute here has a backend "a"',
    ],
  },
  {
    that: 'a second document of rules',
    text: `${rules}---\n${rules}`,
    finds: ['7 TN1007 more than one document of rules; HTTPRoutes may follow it, nothing else'],
  },
  {
    that: 'an object of another kind',
    text: `${object}---\napiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\n`,
    finds: ['9 TN2035 "BackendTLSPolicy" is not read here, only HTTPRoute and lists of it'],
  },
  {
    that: 'an object twice',
    text: `${object}---\n${object}`,
    finds: ['10 TN3001 HTTPRoute shop/cart stands twice, first in line 1'],
  },
  {
    that: 'a version of the API that is not known',
    text: object.replace('/v1', '/v1alpha2'),
    finds: [
      '1 TN2006 HTTPRoute shop/cart: apiVersion must be one of gateway.networking.k8s.io/v1, gateway.networking.k8s.io/v1beta1, got "gateway.networking.k8s.io/v1alpha2"',
    ],
  },
  {
    that: 'problems of both, each with its line',
    text: `${rules.replace('own\n', 'own\n    bogus: 1\n')}---\n${object.replace('port: 1', 'port: x')}`,
    finds: [
      '4 TN2004 unknown key "bogus" in routes[0] "own"',
      '13 TN2010 HTTPRoute shop/cart: spec.rules[0].backendRefs[0].port must be a whole number from 1 to 65535, got "x"',
    ],
  },
  {
    that: 'an HTTPRoute of which the document leaves nothing, without a warning',
    text: `${rules.replace('    match: { path: /own }\n', '')}---\n${object}`,
    finds: [
      '11 TN3004 HTTPRoute shop/cart: no request can reach spec.rules[0]: routes of the document take them all ("own")',
    ],
  },
  {
    that: 'aliases that stand for too much, in all documents together',
    text: Array.from(
      { length: 30 },
      () => `a: &a [${'1,'.repeat(100)}1]\nb: [*a,*a,*a,*a,*a]\n`,
    ).join('---\n'),
    finds: ['TN1004'],
  },
]) {
  test(`a text may not hold ${that}`, async (t) => {
    const found = foundIn(text);
    if (finds[0] === 'TN1004') t.ok(found.some((one) => one.includes('TN1004')));
    else t.strictSame(found, finds);
  });
}
