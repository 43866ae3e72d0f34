import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { read } from '#core/document/read';
import { programOf } from '../../src/cli/program.ts';
import { pageVariables } from '../../src/testpage/page-settings.ts';
import { type Page, pageAt } from '../docs/pages.ts';
import { strategyWith } from './every-render.ts';
import { ofKind } from './manifest.ts';
import { deploy, root, skip, strategies } from './rendered.ts';

const terminal = { out: () => {}, err: () => {} };
// Only its shape is looked at: no port is called.
const program = programOf({ terminal, env: {}, version: '' } as never, () => {});

/** The commands of a page: its shell blocks, and what stands between backticks. */
function commandsOf({ blocks, prose }: Page): string {
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) =>
    text.replaceAll('\n', ' '),
  );
  return [...blocks.map(({ text }) => text), ...inline].join('\n');
}

function found(commands: string, shape: RegExp): readonly string[] {
  return [...commands.matchAll(shape)].map(([, first = '']) => first);
}

for (const strategy of strategies) {
  const folder = join(deploy, strategy);
  const page = pageAt(`deploy/${strategy}/README.md`);
  const commands = commandsOf(page);

  test(`${strategy}/README.md: its blocks are for a shell, which can read them`, async (t) => {
    for (const { text, language, line } of page.blocks) {
      t.equal(language, 'sh', `line ${line}`);
      const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
      t.equal(status, 0, stderr);
    }
  });

  test(`${strategy}/README.md: it begins, comes back and ends as all of them do`, async (t) => {
    const headings = found(page.text, /^## (.+)$/gm);
    t.equal(headings[0], 'Begin');
    t.ok(headings.some((heading) => heading.startsWith('Back')));
    t.equal(headings.at(-1), 'Clean up');
    t.equal(page.blocks.at(-1)?.text, 'kill %1\nkubectl delete namespace turnout-demo\n');
    const lines = page.blocks[0]?.text.split('\n') ?? [];
    t.same(
      lines.slice(0, 3),
      pageAt('deploy/recreate/README.md').blocks[0]?.text.split('\n').slice(0, 3),
    );
    t.match(
      lines.join('\n'),
      /create secret generic turnout-admin .*\n(?:.*\n)*kubectl apply -k \.\n/,
    );
  });

  test(`${strategy}/README.md: the files it names are there`, async (t) => {
    const paths = found(commands, /(?<=\s)(?:-k|-f|-c|check) ([\w./-]+)/g).filter(
      (path) => path !== '-',
    );
    const rules = found(commands, /^routes ([\w-]+)$/gm).map((name) => `routes/${name}.yaml`);
    t.ok(rules.length > 0);
    for (const path of [...paths, ...rules]) t.ok(existsSync(join(folder, path)), path);
  });

  test(`${strategy}/README.md: the objects it names are there`, { skip }, async (t) => {
    const manifests = strategyWith(strategy);
    const kinds = { deploy: 'Deployment', svc: 'Service', hpa: 'HorizontalPodAutoscaler' };
    const named = [...commands.matchAll(/(?<=\s)(deploy|svc|hpa)[/ ]([a-z][\w-]*)/g)];
    t.ok(named.length > 0);
    for (const [text, kind = '', name] of named) {
      const objects = ofKind(manifests, kinds[kind as keyof typeof kinds]);
      t.ok(
        objects.some(({ metadata }) => metadata.name === name),
        text,
      );
    }
    for (const [text, name, port] of commands.matchAll(/port-forward svc\/(\S+) \d+:(\d+)/g)) {
      const service = ofKind(manifests, 'Service').find(({ metadata }) => metadata.name === name);
      t.ok(
        service?.spec.ports.some((one) => one.port === Number(port)),
        text,
      );
    }
    for (const secret of ['turnout-admin', 'turnout-keys']) {
      const isMounted = JSON.stringify(manifests).includes(`"secretName":"${secret}"`);
      t.equal(commands.includes(`create secret generic ${secret} `), isMounted, secret);
    }
  });

  test(`${strategy}/README.md: routes, versions, commands and flags are there`, async (t) => {
    const calls = [...commands.matchAll(/(?:^|\()(?:t|turnout) ([a-z]+) ([^\n#)&]*)/gm)];
    t.ok(calls.length > 0);
    for (const [text, name = '', words = ''] of calls) {
      const command = program.commands.find((one) => one.name() === name);
      t.ok(command, text);
      const options = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
      const plain = words.replaceAll(/'[^']*'/g, 'text');
      for (const flag of found(plain, /(?:^|\s)(--?[a-zA-Z-]+)/g))
        t.ok(options.includes(flag), text);
      if (['explain', 'check'].includes(name)) continue;
      const [route, version] = plain.split(/\s+/);
      t.ok(versionsOf(route ?? ''), text);
      if (!['switch', 'disable', 'enable', 'link'].includes(name)) continue;
      t.ok(versionsOf(route ?? '')?.includes(version ?? ''), text);
    }
  });

  test(`${strategy}/README.md: variables it sets are those of a testpage`, async (t) => {
    for (const words of found(commands, /set env \S+ (.+)/g)) {
      for (const name of found(words, /(\w+)=/g)) t.ok(name in pageVariables, name);
    }
  });

  function versionsOf(route: string): readonly string[] | undefined {
    const [, rules = ''] = /^routes (2-[\w-]+)$/m.exec(commands) ?? [];
    const reading = read(readFileSync(join(folder, 'routes', `${rules}.yaml`), 'utf8'));
    if (reading.kind !== 'document') return undefined;
    const one = reading.document.routes.find(({ name }) => name === route);
    return one?.versions.map(({ name }) => name);
  }
}

/** What a page says of who gets what, by the request that it shows. */
for (const { strategy, request, version, reason } of [
  {
    strategy: 'ab-testing/header',
    request: "-H 'x-api-version: v2.0.0'",
    version: 'v2',
    reason: 'audience:api-v2',
  },
  {
    strategy: 'ab-testing/header',
    request: "-H 'x-api-version: v1.4.1'",
    version: 'v1',
    reason: 'audience:api-v1',
  },
  {
    strategy: 'ab-testing/cookie',
    request: '-b insider=yes',
    version: 'v2',
    reason: 'audience:insiders',
  },
  {
    strategy: 'ab-testing/device',
    request: "-H 'sec-ch-ua-mobile: ?1'",
    version: 'v1',
    reason: 'audience:phones',
  },
  {
    strategy: 'ab-testing/device',
    request: "-A 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148'",
    version: 'v1',
    reason: 'audience:phones',
  },
  {
    strategy: 'ab-testing/device',
    request: "-A 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36'",
    version: 'v2',
    reason: 'audience:desktops',
  },
  {
    strategy: 'ab-testing/device',
    request: "-A 'Googlebot/2.1 (+http://www.google.com/bot.html)'",
    version: 'v1',
    reason: 'audience:bots',
  },
] as const) {
  test(`${strategy}: curl ${request} gets ${version}`, async (t) => {
    t.ok(
      pageAt(`deploy/${strategy}/README.md`).text.includes(`curl -s ${request} localhost:8080/`),
    );
    const rules = join(deploy, strategy, `routes/2-${strategy.replace('ab-testing/', '')}.yaml`);
    const flags = request.replace(/^-A/, '--ua');
    const { stdout } = spawnSync(
      'env',
      [
        '-i',
        'sh',
        '-c',
        `"$0" src/main.ts explain http://localhost:8080/ -c "$1" ${flags}`,
        process.execPath,
        rules,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    t.match(stdout, `version   ${version}, reason ${reason}, `);
  });
}

test('the index names every strategy, overlay and component', async (t) => {
  const { text } = pageAt('deploy/README.md');
  for (const strategy of strategies) t.ok(text.includes(`](${strategy}/README.md)`), strategy);
});
