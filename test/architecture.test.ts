import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'tap';

/**
 * What each folder of src may import beside itself: folders of core by their path, packages by
 * name, `node` for node:*, `npm` for any package, `core` for all of core. The list is the
 * architecture: a folder without a line fails.
 */
const mayImport: Record<string, readonly string[]> = {
  '.': ['core', 'node', 'npm', 'src'],
  edge: ['core', 'node', 'npm', 'src'],
  'core/address': [],
  'core/http1': [],
  'core/websocket': ['core/http1'],
  'core/conditions': ['core/address', 'zod', 're2js', 'isbot'],
  'core/judge': [],
  'core/experiment': ['core/judge'],
  'core/rollout': ['core/conditions', 'core/judge'],
  'core/routing': ['core/conditions', 'core/address', 'core/rollout', 'zod'],
  'core/overload': [],
  'core/kubernetes': [],
  'core/mirror': ['core/routing'],
  'core/exchange': ['core/conditions', 'core/http1', 'core/routing'],
  'core/endpoints': ['core/address', 'core/exchange', 'core/kubernetes', 'core/routing'],
  'core/httproute': ['core/conditions', 'core/kubernetes', 'core/routing', 'zod'],
  'core/document': [
    'core/address',
    'core/conditions',
    'core/httproute',
    'core/judge',
    'core/rollout',
    'core/routing',
    'yaml',
    'zod',
  ],
  'core/import': ['core/address', 'core/conditions', 'core/document', 'yaml', 'zod'],
  'core/snapshot': [
    'core/address',
    'core/conditions',
    'core/document',
    'core/endpoints',
    'core/rollout',
    'core/routing',
  ],
  config: ['core', 'node', 'npm'],
  endpoints: ['core', 'node', 'npm'],
  rollout: ['core', 'node', 'npm'],
  proxy: ['core', 'node', 'npm'],
  telemetry: ['core', 'node', 'npm'],
  admin: ['core', 'node', 'npm'],
  cli: ['core', 'node', 'npm'],
  testpage: ['core', 'node', 'npm'],
  workers: ['core', 'node', 'npm'],
  kubernetes: ['core', 'node', 'npm'],
  cluster: ['core', 'node', 'npm'],
  fastify: ['core', 'node', 'npm'],
};
const src = resolve(import.meta.dirname, '../src');
const clockOrChance =
  /\b(?:Date\.now|new Date|performance\.|process\.|setTimeout|setInterval|Math\.random)/;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) =>
  f.endsWith('.ts'),
);

function folderOf(file: string): string {
  const parts = dirname(file).split('/');
  return parts[0] === 'core' ? parts.slice(0, 2).join('/') : (parts[0] ?? '.');
}

/** Returns what an import asks for, in the words of the list above. */
function wordOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  if (specifier.startsWith('#core/')) return folderOf(`core/${specifier.slice(6)}.ts`);
  if (!specifier.startsWith('.')) return specifier;
  return folderOf(relative(src, resolve(src, dirname(file), specifier)));
}

/** A package may have the name of a folder: `fastify` is both. */
function allowed(folder: string, word: string, specifier: string): boolean {
  const list = mayImport[folder] ?? [];
  if (word === folder || list.includes(word)) return true;
  if (word.startsWith('core/')) return list.includes('core');
  if (list.includes('src')) return true;
  return list.includes('npm') && !/^(?:\.|#|node:)/.test(specifier);
}

for (const file of files) {
  test(`${file} imports only what its folder may`, async (t) => {
    const folder = folderOf(file);
    t.ok(folder in mayImport, `folder ${folder} has a line in the list`);
    const text = readFileSync(join(src, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(
      /^(?:import|export)\b[^;]*?from '([^']+)';/gms,
    )) {
      const word = wordOf(file, specifier);
      t.ok(allowed(folder, word, specifier), `${folder} may import ${specifier}`);
    }
    if (folder.startsWith('core/')) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      t.notMatch(code, clockOrChance, 'core has no clock and no chance');
    }
  });
}

// As an ES module node:http brings all that it offers: fetch, WebSocket and their streams, 3 MB of
// a process that uses none of them. `process.getBuiltinModule` brings what is asked for.
test('only the test page imports more than types of node:http', async (t) => {
  const importing = files.filter((file) =>
    /^import (?!type\b)[^;]*'node:https?'/m.test(readFileSync(join(src, file), 'utf8')),
  );
  t.ok(importing.length > 0);
  t.strictSame(
    importing.filter((file) => !file.startsWith('testpage/')),
    [],
  );
});

// A process without anything in a cluster loads nothing of it, and reads no token.
test('the client of the Kubernetes API is only loaded by who asks for it', async (t) => {
  const importing = files.filter(
    (file) =>
      !file.startsWith('kubernetes/') &&
      /^import (?!type\b)[^;]*'\.{1,2}\/(?:\.\.\/)*kubernetes\//m.test(
        readFileSync(join(src, file), 'utf8'),
      ),
  );
  t.strictSame(importing, []);
});
