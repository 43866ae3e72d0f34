import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'tap';
import { tooOld } from '../../src/cli/node-version.ts';

const root = resolve(import.meta.dirname, '../..');

/** A Node that is too old, if there is one on this machine. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file))
  .find((file) => {
    const { stdout } = run(file, ['--version']);
    return tooOld(stdout.trim().slice(1)) !== undefined;
  });

/** As from a shell: without what the test runner adds to every process. */
function run(program: string, words: readonly string[]) {
  const plain = ['-i', program, ...words];
  const { status, stdout, stderr } = spawnSync('env', plain, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('what is built', async (t) => {
  const folder = t.testdir({});
  const dist = join(folder, 'dist');
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const built = run(process.execPath, [join(root, 'build.ts'), dist]);
  t.same(built, { status: 0, stdout: '', stderr: '' });
  const main = join(dist, 'main.js');

  t.test('is a program that can be executed', async (t) => {
    accessSync(main, constants.X_OK);
    t.match(run(process.execPath, [main, '--version']), {
      status: 0,
      stdout: /^turnout \d+\.\d+\.\d+\n$/,
    });
  });

  t.test('finds core and reads a document', async (t) => {
    const ran = run(process.execPath, [main, 'check', join(root, 'config/routes.yaml')]);
    t.match(ran, { status: 0, stderr: '' });
  });

  t.test('has a neighbour for every worker, and types for the plugin', async (t) => {
    t.ok(existsSync(join(dist, 'config/read-worker.js')));
    t.ok(existsSync(join(dist, 'fastify/plugin.js')));
    t.ok(existsSync(join(dist, 'fastify/plugin.d.ts')));
  });

  const skip =
    oldNode === undefined ? 'NO OLD NODE ON THIS MACHINE to be told that it is too old' : false;
  t.test('tells an old Node that it is too old, without a stack', { skip }, async (t) => {
    const { status, stdout, stderr } = run(oldNode ?? '', [main, '--version']);
    t.equal(status, 1);
    t.equal(stdout, '');
    t.match(stderr, /^error: turnout needs Node 22\.19 or later, this is \d+/);
    t.notMatch(stderr, /\n {4}at /);
  });
});
