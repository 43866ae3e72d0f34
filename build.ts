// Writes dist/: what is published and what the image runs. Node does not strip types under
// node_modules, so that a package needs JavaScript. `npm run build [FOLDER]`.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = import.meta.dirname;
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(dist, { recursive: true, force: true });

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(
  process.execPath,
  [tsc, '--project', join(root, 'tsconfig.build.json'), '--outDir', dist],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(1);

// The nearest package.json decides what `#core/…` means: here it is emitted JavaScript.
const imports = { '#core/*': './core/*.js' };
writeFileSync(
  join(dist, 'package.json'),
  `${JSON.stringify({ type: 'module', imports }, undefined, 2)}\n`,
);

const main = join(dist, 'main.js');
if (!readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  throw new Error(`${main} must begin with "#!/usr/bin/env node"`);
}
chmodSync(main, 0o755);
