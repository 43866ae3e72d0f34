import fc from 'fast-check';
import { test } from 'tap';
import { parse } from 'yaml';
import { read } from '#core/document/read';
import { compile } from '#core/snapshot/compile';
import { httpRoute } from './an-object.ts';

/** Says something of everything that an HTTPRoute may say. */
const whole: unknown = parse(
  httpRoute(
    `- name: all
  matches:
    - path: { type: PathPrefix, value: /a }
      method: GET
      headers: [{ type: Exact, name: a, value: b }]
      queryParams: [{ type: RegularExpression, name: a, value: b }]
  filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: { set: [{ name: a, value: b }], add: [{ name: c, value: d }], remove: [e] }
    - type: URLRewrite
      urlRewrite: { hostname: a.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: "" } }
    - type: RequestMirror
      requestMirror: { backendRef: { name: a, port: 1 }, fraction: { numerator: 1, denominator: 2 } }
  backendRefs:
    - name: a
      port: 1
      weight: 2
      filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { remove: [a] } }]
  timeouts: { request: 2s, backendRequest: 1s }
  retry: { codes: [503], attempts: 1 }
- filters:
    - type: RequestRedirect
      requestRedirect: { scheme: https, hostname: a.example, port: 1, statusCode: 301, path: { type: ReplaceFullPath, replaceFullPath: /b } }`,
    'hostnames: [a.example, "*.example"]',
  ),
);

const odd = fc.constantFrom<unknown>(
  null,
  '',
  'a',
  '/',
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  [null],
  {},
  { type: 'a' },
  undefined,
);

/** Returns the value with something else at some of its places. */
function changed(value: unknown, next: () => unknown): unknown {
  const instead = next();
  if (instead !== keep) return instead;
  if (Array.isArray(value)) return value.map((item) => changed(item, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, changed(one, next)]));
}
const keep = Symbol('keep');

test('any object gives routes that can be compiled, or problems, and nothing is thrown', async (t) => {
  let documents = 0;
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(60)), fc.infiniteStream(odd), (lots, values) => {
      let left = 3;
      const object = changed(whole, () => {
        const isHit = left > 0 && lots.next().value === 0;
        if (!isHit) return keep;
        left -= 1;
        return values.next().value;
      });
      const reading = read(JSON.stringify(object) ?? 'null');
      if (reading.kind === 'problems') return;
      documents += 1;
      compile(reading.document, { hash: 'any', rowOf: () => 0 });
    }),
    { numRuns: 3_000 },
  );
  t.ok(documents > 100, `${documents} of them can be used`);
});
