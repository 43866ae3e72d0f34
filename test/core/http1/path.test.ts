import fc from 'fast-check';
import { test } from 'tap';
import { comparedPath, withoutDotSegments } from '#core/http1/path';

// RFC 3986 section 5.4: examples whose result does not depend on a base, and section 5.2.4.
for (const [path, expected] of [
  ['/a/b/c/./../../g', '/a/g'],
  ['/b/c/./g', '/b/c/g'],
  ['/b/c/.', '/b/c/'],
  ['/b/c/..', '/b/'],
  ['/b/c/../g', '/b/g'],
  ['/b/c/../..', '/'],
  ['/b/c/../../g', '/g'],
  ['/b/c/g.', '/b/c/g.'],
  ['/b/c/.g', '/b/c/.g'],
  ['/b/c/g..', '/b/c/g..'],
  ['/b/c/..g', '/b/c/..g'],
  ['/b/c/./g/.', '/b/c/g/'],
  ['/b/c/g/./h', '/b/c/g/h'],
  ['/b/c/g/../h', '/b/c/h'],
  ['/a//../b', '/a/b'],
  ['/a/%2E%2e/b', '/b'],
  ['/%2e', '/'],
  ['/a%2fb/..', '/'],
  ['/...', '/...'],
  ['/', '/'],
] as const) {
  test(`${path} is forwarded as ${expected}`, async (t) => {
    t.equal(withoutDotSegments(path), expected);
  });
}

for (const [path, expected, because] of [
  ['/%41%2D%2e%5f%7e', '/A-._~', 'escapes of unreserved characters say nothing'],
  ['/%c3%a9%2f', '/%C3%A9%2F', 'other escapes stay, in upper case'],
  ['/%2541', '/%2541', 'an escaped percent is decoded by nobody'],
  ['//a///b/', '/a/b/', 'runs of slashes are one'],
  ['/A', '/A', 'case counts'],
] as const) {
  test(`${path} is compared as ${expected}: ${because}`, async (t) => {
    t.equal(comparedPath(path), expected);
  });
}

const piece = fc.constantFrom(
  ...[
    'a',
    '.',
    '..',
    '%2e',
    '%2E.',
    '...',
    '',
    '%41',
    '%2F',
    '%5c',
    '%25',
    '41',
    '%2541',
    ';',
    '.a',
  ],
);
const anyPath = fc
  .array(
    fc.array(piece, { maxLength: 3 }).map((parts) => parts.join('')),
    { minLength: 1 },
  )
  .map((segments) => `/${segments.join('/')}`);

test('a forwarded path has no dot segments, and forwarding it again changes nothing', async () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const forwarded = withoutDotSegments(path);
      const dots = /^(?:\.|%2e){1,2}$/i;
      const hasDots = forwarded.split('/').some((segment) => dots.test(segment));
      return !hasDots && forwarded.startsWith('/') && withoutDotSegments(forwarded) === forwarded;
    }),
    { numRuns: 2_000 },
  );
});

test('dot segments go as WHATWG URL takes them out', async () => {
  // Outside truth: Node's URL. It reads `\` and `//host` its own way, which is not asked here.
  fc.assert(
    fc.property(anyPath, (path) => {
      return new URL(`http://a.example${path}`).pathname === withoutDotSegments(path);
    }),
    { numRuns: 2_000 },
  );
});

test('the compared path is that of what is forwarded, and comparing it again changes nothing', async () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const compared = comparedPath(withoutDotSegments(path));
      return (
        comparedPath(compared) === compared &&
        withoutDotSegments(compared) === compared &&
        !compared.includes('//')
      );
    }),
    { numRuns: 2_000 },
  );
});
