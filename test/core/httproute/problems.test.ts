import { test } from 'tap';
import { foundIn, httpRoute } from './an-object.ts';

/** Rules begin in line 6. */
for (const { that, rules, more = '', finds } of [
  {
    that: 'an unknown key',
    rules: '- matchs: []\n  backendRefs: [{ name: a, port: 1, wieght: 1 }]',
    finds: [
      '6 TN2004 HTTPRoute shop/cart: unknown key "matchs" in spec.rules[0]',
      '7 TN2004 HTTPRoute shop/cart: unknown key "wieght" in spec.rules[0].backendRefs[0]',
    ],
  },
  {
    that: 'a value of the wrong kind',
    rules: '- backendRefs: [{ name: a, port: "8080" }]\n  timeouts: 5s',
    finds: [
      '6 TN2010 HTTPRoute shop/cart: spec.rules[0].backendRefs[0].port must be a whole number from 1 to 65535, got "8080"',
      '7 TN2001 HTTPRoute shop/cart: spec.rules[0].timeouts must be a mapping of request, backendRequest, got "5s"',
    ],
  },
  {
    that: 'a missing key',
    rules: '- backendRefs: [{ port: 1 }]\n  filters: [{ urlRewrite: {} }]',
    finds: [
      '6 TN2002 HTTPRoute shop/cart: spec.rules[0].backendRefs[0] needs a key "name"',
      '7 TN2002 HTTPRoute shop/cart: spec.rules[0].filters[0] needs a key "type"',
    ],
  },
  {
    that: 'words that are not known',
    rules: `- matches:
    - path: { type: Prefix, value: /a }
      method: get
      headers: [{ type: Regex, name: a, value: b }]
  filters: [{ type: RequestHeaderModifer }]`,
    finds: [
      '7 TN2006 HTTPRoute shop/cart: spec.rules[0].matches[0].path.type must be one of Exact, PathPrefix, RegularExpression, got "Prefix"',
      '8 TN2021 HTTPRoute shop/cart: spec.rules[0].matches[0].method must be one of GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH, got "get"',
      '9 TN2006 HTTPRoute shop/cart: spec.rules[0].matches[0].headers[0].type must be one of Exact, RegularExpression, got "Regex"',
      '10 TN2006 HTTPRoute shop/cart: spec.rules[0].filters[0].type must be one of RequestHeaderModifier, ResponseHeaderModifier, RequestRedirect, URLRewrite, RequestMirror, CORS, ExternalAuth, ExtensionRef, got "RequestHeaderModifer"',
    ],
  },
  {
    that: 'paths, expressions and durations that cannot be',
    rules: `- matches:
    - path: { value: a }
    - path: { type: RegularExpression, value: "/a(?=b)" }
    - headers: [{ type: RegularExpression, name: a, value: "(" }]
  timeouts: { request: 5, backendRequest: 1.5s }`,
    finds: [
      '7 TN2016 HTTPRoute shop/cart: spec.rules[0].matches[0].path.value must be a path that begins with "/", got "a"',
      '8 TN2017 HTTPRoute shop/cart: spec.rules[0].matches[1].path.value must be a regular expression of RE2, without lookaround and backreferences, got "/a(?=b)"',
      '9 TN2017 HTTPRoute shop/cart: spec.rules[0].matches[2].headers[0].value must be a regular expression of RE2, without lookaround and backreferences, got "("',
      '10 TN2009 HTTPRoute shop/cart: spec.rules[0].timeouts.request must be a duration such as 10s, 500ms or 1m30s; 0s means none, got 5',
      '10 TN2009 HTTPRoute shop/cart: spec.rules[0].timeouts.backendRequest must be a duration such as 10s, 500ms or 1m30s; 0s means none, got "1.5s"',
    ],
  },
  {
    that: 'a filter whose key is not that of its type',
    rules: `- filters:
    - { type: URLRewrite, requestRedirect: { scheme: https } }
    - { type: RequestRedirect }
    - { type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replacePrefixMatch: /a } } }`,
    finds: [
      '7 TN2003 HTTPRoute shop/cart: spec.rules[0].filters[0] must have urlRewrite and no other: its type is URLRewrite',
      '8 TN2003 HTTPRoute shop/cart: spec.rules[0].filters[1] must have requestRedirect and no other: its type is RequestRedirect',
      '9 TN2003 HTTPRoute shop/cart: spec.rules[0].filters[2].urlRewrite.path must have replaceFullPath and not replacePrefixMatch: its type is ReplaceFullPath',
    ],
  },
  {
    that: 'headers that may not be edited, and one that is edited twice',
    rules: `- filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: { set: [{ name: Host, value: a }] }
  backendRefs: [{ name: a, port: 1 }]`,
    finds: [
      '8 TN2013 HTTPRoute shop/cart: spec.rules[0].filters[0].requestHeaderModifier.set[0].name must be a header that Turnout does not write itself, got "Host"',
    ],
  },
  {
    that: 'a header that one filter edits twice',
    rules: `- filters:
    - type: ResponseHeaderModifier
      responseHeaderModifier: { set: [{ name: X-A, value: a }], remove: [x-a] }
  backendRefs: [{ name: a, port: 1 }]`,
    finds: [
      '8 TN3013 HTTPRoute shop/cart: spec.rules[0].filters[0].responseHeaderModifier.remove[0] edits the header "x-a", which this filter edits already',
    ],
  },
  {
    that: 'a prefix that is replaced where there is not one of them',
    rules: `- matches: [{ path: { value: /a } }, { path: { value: /b } }]
  filters:
    - type: URLRewrite
      urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }
  backendRefs: [{ name: a, port: 1 }]
- matches: [{ path: { type: Exact, value: /a } }]
  filters:
    - type: RequestRedirect
      requestRedirect: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }`,
    finds: [
      '9 TN3009 HTTPRoute shop/cart: spec.rules[0].filters[0].urlRewrite.path takes the place of the matched prefix, so that its rule needs one match of a PathPrefix and no other',
      '14 TN3009 HTTPRoute shop/cart: spec.rules[1].filters[0].requestRedirect.path takes the place of the matched prefix, so that its rule needs one match of a PathPrefix and no other',
    ],
  },
  {
    that: 'what does nothing beside a redirect',
    rules: `- filters:
    - { type: RequestRedirect, requestRedirect: { scheme: https } }
    - { type: ResponseHeaderModifier, responseHeaderModifier: { remove: [a] } }`,
    finds: [
      '8 TN3011 HTTPRoute shop/cart: spec.rules[0].filters[1].type is ResponseHeaderModifier, which does nothing beside RequestRedirect',
    ],
  },
  {
    that: 'a mirror that leads nowhere',
    rules: `- filters:
    - type: RequestMirror
      requestMirror: { backendRef: { name: b } }
  backendRefs: [{ name: a, port: 1 }]`,
    finds: [
      '8 TN3029 HTTPRoute shop/cart: spec.rules[0].filters[0].requestMirror.backendRef leads nowhere: it names no port; nothing is copied',
    ],
  },
  {
    that: 'a rule without a backend, and one whose backends have no weight',
    rules: `- name: none
- name: zero
  backendRefs: [{ name: a, port: 1, weight: 0 }]`,
    finds: [
      '6 TN3029 HTTPRoute shop/cart: spec.rules[0] leads nowhere: the rule names no backendRefs; what it gets is answered with 500',
      '8 TN3029 HTTPRoute shop/cart: spec.rules[1].backendRefs leads nowhere: no backendRef has a weight; what it gets is answered with 500',
    ],
  },
  {
    that: 'percent and fraction together',
    rules: `- filters:
    - type: RequestMirror
      requestMirror: { backendRef: { name: b, port: 1 }, percent: 1, fraction: { numerator: 1 } }
  backendRefs: [{ name: a, port: 1 }]`,
    finds: [
      '8 TN2003 HTTPRoute shop/cart: spec.rules[0].filters[0].requestMirror must have only one of percent, fraction',
    ],
  },
  {
    that: 'names that Kubernetes does not have',
    rules: `- name: "a\\nb"
  backendRefs: [{ name: "a/../b", port: 1 }, { name: a, namespace: "", kind: "a b", group: "/", port: 1 }]`,
    finds: [
      '6 TN2007 HTTPRoute shop/cart: spec.rules[0].name must be a name of up to 253 lower-case letters, digits, "-" and "." as Kubernetes has them, got "a\\x0ab"',
      '7 TN2007 HTTPRoute shop/cart: spec.rules[0].backendRefs[0].name must be a name of up to 253 lower-case letters, digits, "-" and "." as Kubernetes has them, got "a/../b"',
      '7 TN2007 HTTPRoute shop/cart: spec.rules[0].backendRefs[1].namespace must be a name of up to 253 lower-case letters, digits, "-" and "." as Kubernetes has them, got ""',
      '7 TN2007 HTTPRoute shop/cart: spec.rules[0].backendRefs[1].kind must be the kind of an object such as Service, got "a b"',
      '7 TN2007 HTTPRoute shop/cart: spec.rules[0].backendRefs[1].group must be the group of an API such as example.com, got "/"',
    ],
  },
  {
    that: 'a name that is none of a host',
    rules: `- backendRefs: [{ name: ${'a'.repeat(64)}, port: 1 }]`,
    finds: [
      `6 TN3029 HTTPRoute shop/cart: spec.rules[0].backendRefs[0] leads nowhere: ${'a'.repeat(64)}.shop.svc is no name of a host; what it gets is answered with 500`,
    ],
  },
  {
    that: 'two rules with one name',
    rules: `- name: a
  backendRefs: [{ name: a, port: 1 }]
- name: a
  backendRefs: [{ name: a, port: 1 }]`,
    finds: [
      '8 TN3001 HTTPRoute shop/cart: spec.rules[1].name is how spec.rules[0] is called already',
    ],
  },
  {
    that: 'hostnames that are none',
    rules: '- backendRefs: [{ name: a, port: 1 }]',
    more: 'hostnames: ["shop.example.com:80"]',
    finds: [
      '5 TN2015 HTTPRoute shop/cart: spec.hostnames[0] must be a host name such as shop.example.com, or *.example.com for all below it, got "shop.example.com:80"',
    ],
  },
]) {
  test(`${that} is told with its place`, async (t) => {
    t.strictSame(foundIn(httpRoute(rules, more)), finds);
  });
}

test('a word that was likely meant is named', async (t) => {
  const { read } = await import('#core/document/read');
  const reading = read(httpRoute('- matchs: []'));
  const [problem] = reading.kind === 'problems' ? reading.problems : [];
  t.equal(problem?.hint, 'did you mean "matches"?');
});
