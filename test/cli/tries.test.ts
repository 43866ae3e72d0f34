import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'tap';
import { read } from '#core/document/read';
import { assign, newAssignment } from '#core/routing/assign';
import { compile } from '#core/snapshot/compile';
import { curlLine } from '../../src/cli/curl-line.ts';
import { factsOf } from '../../src/cli/request-facts.ts';
import { described, merged, sampleRequest } from '../../src/cli/sample-request.ts';
import { triesOf } from '../../src/cli/tries.ts';

const config = resolve(import.meta.dirname, '../../config');
const examples = readdirSync(join(config, 'examples')).map((name) => join('examples', name));
const ports = { random: () => 0.5, epochMs: () => 0, newUnit: () => '', mac: () => undefined };

function snapshotOf(file: string) {
  const reading = read(readFileSync(join(config, file), 'utf8'));
  if (reading.kind !== 'document') throw new Error(`${file} has problems`);
  return compile(reading.document, { hash: '', rowOf: () => 0 });
}

for (const file of ['routes.yaml', ...examples]) {
  test(`config/${file}: what the demo says to try does what it says`, async (t) => {
    const snapshot = snapshotOf(file);
    for (const { route, request, audience, shows } of triesOf(snapshot)) {
      const { facts } = factsOf(described(request), snapshot.fieldNames);
      if (facts === undefined) throw new Error(`refused: ${shows}`);
      t.equal(snapshot.find(facts)?.name, route.name, shows);
      const assignment = newAssignment();
      assign(route, facts, ports, assignment);
      t.equal(assignment.audience?.name, audience?.name, shows);
      if (shows.startsWith('override')) t.equal(assignment.reason, 'override', shows);
    }
  });
}

test('routes.yaml, which npm start serves, has something to try for each of its rules', async (t) => {
  const shown = triesOf(snapshotOf('routes.yaml')).map(({ shows }) => shows);
  t.same(shown, [
    'old-address: a redirect',
    'testpage: v1 90.0 %, v2 10.0 %',
    'the same user, always the same version',
    'audience insiders: v2 100 %',
    'audience new-api: v2 100 %',
    'audience phones: v1 100 %',
  ]);
});

for (const { request, line } of [
  { request: {}, line: 'curl http://a/' },
  { request: { method: 'POST', path: '/x' }, line: 'curl -X POST http://a/x' },
  {
    request: { host: 'shop.example.com', headers: [['x-user-id', "o'hara"]] as const },
    line: `curl -H 'host: shop.example.com' -H 'x-user-id: o'\\''hara' http://a/`,
  },
  {
    request: {
      cookies: [['a', '1'] as const, ['b', '2'] as const],
      query: [['q', 'x y']] as const,
    },
    line: `curl -b 'a=1; b=2' 'http://a/?q=x%20y'`,
  },
]) {
  test(`as a shell takes it: ${line}`, async (t) => {
    t.equal(curlLine(request, 'http://a'), line);
  });
}

test('no request is made up for what is not easily made up', async (t) => {
  for (const when of [
    { header: { a: [{ regex: 'x+' }] } },
    { path: [{ regex: '/x+' }] },
    { not: { method: ['GET'] } },
    { client: ['10.0.0.0/8'] },
    { userAgent: [{ regex: 'x' }] },
    { any: [{ not: {} }] },
  ]) {
    t.equal(sampleRequest(when), undefined, JSON.stringify(when));
  }
});

test('two requests become one', async (t) => {
  t.same(merged({ path: '/a', headers: [['a', '1']] }, { method: 'POST', headers: [['b', '2']] }), {
    path: '/a',
    method: 'POST',
    headers: [
      ['a', '1'],
      ['b', '2'],
    ],
    cookies: [],
    query: [],
  });
});
