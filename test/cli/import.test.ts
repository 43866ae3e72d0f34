import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'tap';
import { read } from '#core/document/read';
import { turnout } from './fake-ports.ts';

const folder = resolve(import.meta.dirname, '../../config/import');
const file = join(folder, 'ingress-nginx.yaml');
const text = readFileSync(file, 'utf8');

/** Nothing of it is left untranslated. */
const plain = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`;

test('the document goes to stdout, what is not in it to stderr with its place', async (t) => {
  const { exitCode, out, err } = await turnout(['import', 'ingress-nginx', file]);
  t.equal(exitCode, 0);
  t.equal(read(out).kind, 'document');
  t.match(err, `${file}:9:5: warning TN6003: limit-rps of shop/web is not translated`);
  t.match(err, '\n2 warnings.\n');
  t.match(out, `# shop/web (${file}:2): shop.example.com /, Prefix\n`);
});

test('stdin is read as kubectl prints it', async (t) => {
  const { exitCode, out, err } = await turnout(['import', 'ingress-nginx', '-'], {}, plain);
  t.equal(exitCode, 0);
  t.match(out, '# web (stdin:1)');
  t.equal(err, '');
});

test('--strict fails where anything is not translated, and tells the document all the same', async (t) => {
  const strict = await turnout(['import', 'ingress-nginx', file, '--strict']);
  t.equal(strict.exitCode, 2);
  t.equal(read(strict.out).kind, 'document');
  const whole = await turnout(['import', 'ingress-nginx', '-', '--strict'], {}, plain);
  t.equal(whole.exitCode, 0);
});

test('-o json has the document, and each warning with code and place', async (t) => {
  const { out } = await turnout(['import', 'ingress-nginx', '-', '-o', 'json'], {}, text);
  const told = JSON.parse(out);
  t.match(told, {
    apiVersion: 'turnout/v1',
    file: 'stdin',
    complete: false,
    routes: 2,
    problems: [{ code: 'TN6003', severity: 'warning', line: 9, column: 5 }, { code: 'TN6002' }],
  });
  t.equal(read(told.document).kind, 'document');
  t.match(
    JSON.parse((await turnout(['import', 'ingress-nginx', '-', '-o', 'json'], {}, plain)).out),
    {
      complete: true,
    },
  );
});

test('what cannot be read, and what makes no route', async (t) => {
  const bad = await turnout(['import', 'istio', '-'], {}, 'kind: [');
  t.match(bad, { exitCode: 2, out: '', err: /^stdin:1:8: error TN1001: not YAML: / });
  const none = await turnout(['import', 'istio', '-'], {}, text);
  t.match(none, {
    exitCode: 2,
    out: '',
    err: /TN6001: Ingress shop\/web[\s\S]*nothing in it could be translated/,
  });
  t.match(await turnout(['import', 'traefik', file]), {
    exitCode: 2,
    err: /Allowed choices are ingress-nginx, istio/,
  });
  t.match(await turnout(['import', 'istio', 'no-such-file.yaml']), {
    exitCode: 2,
    err: /no-such-file.yaml does not exist/,
  });
});
