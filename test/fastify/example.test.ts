import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'tap';
import { upstream } from './service.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/how-to/fastify-plugin.md'), 'utf8');

function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)?.[1];
  if (found === undefined) throw new Error(`the page has no block of ${language}`);
  return found;
}

test('the example of docs/how-to/fastify-plugin.md does what the page says', async (t) => {
  const v1 = await upstream('v1');
  t.teardown(v1.close);
  const v2 = await upstream('v2');
  t.teardown(v2.close);
  // Inside the repository, so that the packages are found.
  mkdirSync(join(root, '.tap'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tap/fastify-example-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const rules = block('yaml')
    .replace('http://127.0.0.1:8081', v1.url)
    .replace('http://127.0.0.1:8082', v2.url);
  const plugin = join(root, 'src/fastify/plugin.ts');
  writeFileSync(join(folder, 'routes.yaml'), rules);
  writeFileSync(join(folder, 'service.ts'), block('ts').replace('turnout/fastify', plugin));

  const child = spawn(process.execPath, ['service.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  const log = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const logged = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const { value, done } = await log.next();
      if (done === true) throw new Error(`the service ended before it logged ${pattern}`);
      const found = pattern.exec(value);
      if (found !== null) return found[0];
    }
  };
  const url = await logged(/http:\/\/127\.0\.0\.1:\d+/);
  const versionOf = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${url}${path}`, { headers })).headers.get('x-version');

  t.equal(await versionOf('/shop/', { cookie: 'insider=yes' }), 'v2');
  t.ok(await logged(/"reason":"audience:insiders"/));
  const first = await versionOf('/shop/', { 'x-user-id': '42' });
  t.equal(await versionOf('/shop/cart', { 'x-user-id': '42' }), first);
  t.equal(await (await fetch(`${url}/health`)).text(), 'ok');
  const metrics = await fetch(`${url}/metrics`);
  t.match(metrics.headers.get('content-type'), /^text\/plain/);
  t.match(
    await metrics.text(),
    /^turnout_decisions_total\{route="shop",version="v2",reason="audience",audience="insiders"\} 1$/m,
  );

  const other = rules.replace('weight: 90', 'weight: 0');
  writeFileSync(join(folder, 'routes.yaml'), other);
  await logged(/turnout: rules applied/);
  for (const user of ['1', '2', '3', '4', '5', '42']) {
    t.equal(await versionOf('/shop/', { 'x-user-id': user }), 'v2');
  }
});
