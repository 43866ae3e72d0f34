// The real nginx is asked which location takes a path, configured as ingress-nginx configures it
// (its internal/ingress/controller: location.go, template.go, and the order of controller.go).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { isInstalled } from '../../fuzz/readers.ts';
import { ask } from '../../support/ask.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { imported, outcomesOf } from './imported.ts';
import { ingress, listOf } from './ingresses.ts';

interface Place {
  readonly path: string;
  readonly pathType: string;
}

interface Host {
  readonly name: string;
  readonly isRegex: boolean;
  readonly places: readonly Place[];
}

const hosts = 60;
const asked = [
  '/',
  '/a',
  '/a/',
  '/ab',
  '/a/b',
  '/a/b/',
  '/a/bc',
  '/a/b/c',
  '/abc',
  '/a.b',
  '/axb',
  '/A',
  '/A/B/C',
  '/x',
  '/x/a',
];

const place: fc.Arbitrary<Place> = fc.record({
  path: fc.constantFrom('/', '/a', '/ab', '/a/b', '/a/b/c', '/abc', '/a.b', '/x'),
  pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
});
/** What ends in a slash takes what does not, too, where it is a Prefix: nginx redirects there. */
const slashed: fc.Arbitrary<Place> = fc.record({
  path: fc.constantFrom('/a/', '/a/b/'),
  pathType: fc.constantFrom('Exact', 'ImplementationSpecific'),
});
const host = fc.record({
  isRegex: fc.boolean(),
  places: fc.array(fc.oneof({ weight: 4, arbitrary: place }, { weight: 1, arbitrary: slashed }), {
    minLength: 1,
    maxLength: 6,
  }),
});

/** What nginx calls the locations of a place; the name is that of the place. */
function locationsOf({ path, pathType }: Place, { isRegex, places }: Host): readonly string[] {
  if (isRegex) return [`~* "^${path}"`];
  if (pathType === 'Exact') return [`= ${path}`];
  if (pathType !== 'Prefix' || path === '/') return [path];
  const hasExact = places.some((other) => other.pathType === 'Exact' && other.path === path);
  return hasExact ? [`${path}/`] : [`${path}/`, `= ${path}`];
}

/** Takes places out that nginx itself would refuse beside an earlier one. */
function withoutRepeated(host: Host): Host {
  const taken = new Set<string>();
  const places = host.places.filter((each) => {
    const locations = locationsOf(each, { ...host, places: [] });
    if (locations.some((location) => taken.has(location))) return false;
    for (const location of locations) taken.add(location);
    return true;
  });
  return { ...host, places };
}

function nameOf({ path, pathType }: Place): string {
  return `${pathType}${path.replaceAll('/', '-in').replaceAll('.', '-dot-')}`.toLowerCase();
}

/** Regular expressions are tried in the order in which they stand: the longest first. */
function serverOf(host: Host, port: number): string {
  const places = host.places.toSorted((a, b) =>
    a.path.length === b.path.length
      ? Number(b.path > a.path) - Number(b.path < a.path)
      : b.path.length - a.path.length,
  );
  const lines = places.flatMap((each) =>
    locationsOf(each, host).map((at) => `    location ${at} { return 200 "${nameOf(each)}"; }`),
  );
  // Each server has a location for the rest, that of the default backend.
  const hasRest = host.places.some(({ path, pathType }) => path === '/' && pathType !== 'Exact');
  if (!hasRest) lines.push(`    location ${host.isRegex ? '~* "^/"' : '/'} { return 404; }`);
  return `  server {\n    listen 127.0.0.1:${port};\n    server_name ${host.name};\n${lines.join('\n')}\n  }\n`;
}

async function startNginx(t: Test, made: readonly Host[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const servers = made.map((each) => serverOf(each, port)).join('');
  const config = `worker_processes 1;
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  server_names_hash_bucket_size 128;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
${servers}}
`;
  writeFileSync(join(folder, 'config'), config);
  const child = spawn('nginx', ['-c', join(folder, 'config')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(
    () =>
      ask(port, requestOf('/', 'a')).then(
        () => true,
        () => false,
      ),
    'nginx listens',
  );
  return port;
}

function requestOf(path: string, name: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${name}\r\n\r\n`;
}

/** The place that nginx names, or undefined where none takes the path. */
async function nginxTakes(port: number, path: string, name: string): Promise<string | undefined> {
  const answer = await ask(port, requestOf(path, name));
  return answer.startsWith('HTTP/1.1 200') ? answer.split('\r\n\r\n')[1] : undefined;
}

const without =
  !isInstalled('nginx') && 'paths are compared with those of nginx, which is not installed';

test('paths of any Ingresses are taken as nginx takes them', { skip: without }, async (t) => {
  const made = fc
    .sample(host, { numRuns: hosts, seed: 20_261_124 })
    .map((each, index) => withoutRepeated({ ...each, name: `h${index}.example.com` }));
  const objects = made.flatMap(({ name, isRegex, places }) =>
    places.map((each) =>
      ingress({
        ...each,
        name: `${name}-${nameOf(each)}`,
        host: name,
        service: nameOf(each),
        annotations: isRegex ? { 'use-regex': 'true' } : {},
      }),
    ),
  );
  const { text } = imported(t, 'ingress-nginx', listOf(...objects));
  const outcome = outcomesOf(text);
  const port = await startNginx(t, made);
  const different: string[] = [];
  let taken = 0;
  for (const { name, places, isRegex } of made) {
    for (const path of asked) {
      const theirs = await nginxTakes(port, path, name);
      const ours = outcome({ host: name, path })?.version;
      if (theirs !== undefined) taken++;
      if (ours !== theirs) {
        const told = JSON.stringify({ isRegex, places });
        different.push(`${path}: nginx ${theirs}, here ${ours}; ${told}`);
      }
    }
  }
  t.same(different, []);
  t.ok(taken > hosts, `${taken} of ${hosts * asked.length} requests were taken`);
});
