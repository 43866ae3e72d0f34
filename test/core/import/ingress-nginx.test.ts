import { test } from 'tap';
import { imported, outcomesOf } from './imported.ts';
import { ingress, listOf, type MadeIngress } from './ingresses.ts';

const kind = 'ingress-nginx';

test('paths are taken as nginx takes them', async (t) => {
  for (const { pathType, path, takes, not } of [
    { pathType: 'Prefix', path: '/a', takes: ['/a', '/a/', '/a/b'], not: ['/ab', '/'] },
    { pathType: 'Prefix', path: '/', takes: ['/', '/a'], not: [] },
    { pathType: 'Exact', path: '/a', takes: ['/a'], not: ['/a/', '/a/b', '/A'] },
    { pathType: 'Exact', path: '/', takes: ['/'], not: ['/a'] },
    {
      pathType: 'ImplementationSpecific',
      path: '/a.b',
      takes: ['/a.b', '/a.bc', '/a.b/c'],
      not: ['/a', '/axb', '/A.b'],
    },
  ]) {
    const outcome = outcomesOf(imported(t, kind, listOf(ingress({ pathType, path }))).text);
    for (const each of takes) t.ok(outcome({ path: each }), `${pathType} ${path} takes ${each}`);
    for (const each of not) t.notOk(outcome({ path: each }), `${pathType} ${path} not ${each}`);
  }
});

test('one use-regex makes all paths of its host regular expressions, whatever their case', async (t) => {
  const annotations = { 'use-regex': 'true' };
  const { text } = imported(
    t,
    kind,
    listOf(
      ingress({
        path: '/user/[0-9]+',
        pathType: 'ImplementationSpecific',
        service: 'users',
        annotations,
      }),
      ingress({ name: 'b', path: '/user', pathType: 'Exact', service: 'all' }),
      ingress({ name: 'c', path: '/user', host: 'b.example.com', pathType: 'Exact', service: 'b' }),
    ),
  );
  const outcome = outcomesOf(text);
  t.equal(outcome({ path: '/USER/42/x' })?.version, 'users');
  t.equal(outcome({ path: '/user/me' })?.version, 'all', 'an Exact path is none any more');
  t.equal(outcome({ host: 'b.example.com', path: '/user' })?.version, 'b');
  t.equal(outcome({ host: 'b.example.com', path: '/user/me' }), undefined);
});

test('the nearest path counts, wherever it stands', async (t) => {
  const made = [
    { path: '/', service: 'root' },
    { path: '/a', service: 'prefix' },
    { path: '/a/b', pathType: 'ImplementationSpecific', service: 'characters' },
    { path: '/a', pathType: 'Exact', service: 'exact' },
    { path: '/a/b/c', service: 'longest' },
  ] as const;
  for (const order of [made, made.toReversed()]) {
    const objects = order.map((one) => ingress({ ...one, name: one.service }));
    const outcome = outcomesOf(imported(t, kind, listOf(...objects)).text);
    for (const [path, service] of [
      ['/x', 'root'],
      ['/a', 'exact'],
      ['/a/', 'prefix'],
      ['/a/x', 'prefix'],
      ['/a/bx', 'characters'],
      ['/a/b/c', 'longest'],
    ] as const) {
      t.equal(outcome({ path })?.version, service, path);
    }
  }
});

test('a request belongs to the nearest host, and to no other', async (t) => {
  const outcome = outcomesOf(
    imported(
      t,
      kind,
      listOf(
        ingress({ name: 'any', host: '', service: 'any' }),
        ingress({ name: 'wide', host: '*.example.com', service: 'wide' }),
        ingress({ name: 'near', host: 'shop.example.com', path: '/cart', service: 'near' }),
        ingress({ name: 'open', host: 'open.example.com', service: 'open' }),
      ),
    ).text,
  );
  t.equal(outcome({ path: '/cart' })?.version, 'near');
  t.equal(outcome({ path: '/other' }), undefined, 'its host has no such path: 404, as there');
  t.equal(outcome({ host: 'x.example.com' })?.version, 'wide');
  t.equal(outcome({ host: 'open.example.com' })?.version, 'open');
  t.equal(outcome({ host: 'elsewhere.org' })?.version, 'any');
});

test('a default backend gets what no path takes', async (t) => {
  const defaultBackend = { service: { name: 'rest', port: { number: 80 } } };
  const outcome = outcomesOf(
    imported(t, kind, listOf(ingress({ path: '/a', spec: { defaultBackend } }))).text,
  );
  t.equal(outcome({ path: '/a' })?.version, 'shop-v1');
  t.equal(outcome({ path: '/b' })?.version, 'rest');
  t.equal(outcome({ host: 'elsewhere.org' })?.version, 'rest');
});

test('of two equal paths the older counts, and the other is told', async (t) => {
  const { rules, warnings } = imported(
    t,
    kind,
    listOf(ingress(), ingress({ name: 'b', service: 'b' })),
  );
  t.equal(rules.length, 1);
  t.match(warnings.join(), /TN6005 shop\.example\.com\/ of shop\/b is left out: shop\/web has it/);
});

test('the port of a Service by its name is looked up beside it', async (t) => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop-v1', namespace: 'shop' },
    spec: {
      ports: [
        { name: 'metrics', port: 9090 },
        { name: 'http', port: 8081 },
      ],
    },
  };
  const made = ingress({ port: 'http' });
  t.same(imported(t, kind, listOf(made, service)).rules[0]?.versions[0]?.urls, [
    'http://shop-v1.shop.svc:8081',
  ]);
  const without = imported(t, kind, listOf(made));
  t.match(without.rules[0]?.versions[0]?.service, {
    name: 'shop-v1',
    namespace: 'shop',
    port: 'http',
  });
  t.match(without.warnings, [/TN6006 port "http" of the Service shop-v1 is known by name alone/]);
});

test('http goes to https where nginx sends it there', async (t) => {
  const tls = [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }];
  for (const { annotations = {}, spec = {}, goes, because } of [
    { goes: false, because: 'there is no certificate' },
    { spec: { tls }, goes: true, because: 'there is one' },
    { spec: { tls }, annotations: { 'ssl-redirect': 'false' }, goes: false, because: 'it says so' },
    { annotations: { 'force-ssl-redirect': 'true' }, goes: true, because: 'another proxy has it' },
  ]) {
    const { text, warnings } = imported(t, kind, listOf(ingress({ annotations, spec })));
    const outcome = outcomesOf(text);
    t.equal(outcome({ scheme: 'http' })?.rule.redirect?.status, goes ? 308 : undefined, because);
    t.equal(outcome({ scheme: 'https' })?.version, 'shop-v1');
    t.equal(
      warnings.some((warning) => warning.includes('--tls') || warning.includes('tls of')),
      'tls' in spec,
    );
  }
});

test('rewrites', async (t) => {
  for (const { path, target, rewrite, takes } of [
    { path: '/a', target: '/', rewrite: { kind: 'full', path: '/' }, takes: '/A/b' },
    { path: '/a(/|$)(.*)', target: '/$2', rewrite: { kind: 'prefix', path: '/' }, takes: '/a/b' },
    {
      path: '/a/b(/|$)(.*)',
      target: '/c/$2',
      rewrite: { kind: 'prefix', path: '/c' },
      takes: '/a/b',
    },
    { path: '/a/(.*)', target: '/$1', rewrite: { kind: 'prefix', path: '/' }, takes: '/a/b' },
    { path: '/a/?(.*)', target: '/$1', rewrite: { kind: 'prefix', path: '/' }, takes: '/a/b' },
    { path: '/(.*)', target: '/b/$1', rewrite: { kind: 'prefix', path: '/b' }, takes: '/a' },
    { path: '/(.*)', target: '/$1', rewrite: undefined, takes: '/a' },
  ]) {
    const annotations = { 'rewrite-target': target };
    const made = ingress({ path, pathType: 'ImplementationSpecific', annotations });
    const { text, warnings } = imported(t, kind, listOf(made));
    t.same(outcomesOf(text)({ path: takes })?.rule.rewrite?.path, rewrite, `${path} to ${target}`);
    t.same(warnings, []);
  }
});

test('what cannot be said is closed, so that no wider route gets it', async (t) => {
  for (const { annotations, path = '/a', told } of [
    {
      annotations: { 'rewrite-target': '/$2/$1' },
      path: '/a/(.*)/(.*)',
      told: 'rewrite-target of',
    },
    { annotations: { 'backend-protocol': 'GRPC' }, told: 'backend-protocol GRPC' },
    {
      annotations: { 'permanent-redirect': 'https://$host/x' },
      told: 'permanent-redirect is no plain',
    },
  ]) {
    const { text, warnings } = imported(
      t,
      kind,
      listOf(
        ingress({ path, pathType: 'ImplementationSpecific', annotations }),
        ingress({ name: 'all', service: 'all' }),
      ),
    );
    const outcome = outcomesOf(text)({ path: '/a/b/c' });
    t.match(outcome?.rule.fault, { abortStatus: 503, abortPercent: 100 });
    t.match(warnings.join(), told);
  }
});

test('redirects', async (t) => {
  for (const { annotations, redirect } of [
    {
      annotations: { 'permanent-redirect': 'https://new.example.com' },
      redirect: { scheme: 'https', host: 'new.example.com', path: { path: '/' }, status: 301 },
    },
    {
      annotations: {
        'temporal-redirect': 'http://new.example.com:8080/x',
        'permanent-redirect': 'http://b',
      },
      redirect: {
        host: 'new.example.com',
        port: 8080,
        path: { kind: 'full', path: '/x' },
        status: 302,
      },
    },
    {
      annotations: {
        'permanent-redirect': 'https://n$request_uri',
        'permanent-redirect-code': '308',
      },
      redirect: { host: 'n', path: undefined, status: 308 },
    },
  ]) {
    const { text } = imported(t, kind, listOf(ingress({ annotations })));
    t.match(outcomesOf(text)({})?.rule.redirect, redirect);
  }
  const relative = imported(
    t,
    kind,
    listOf(ingress({ annotations: { 'permanent-redirect': '/new' } })),
  );
  t.match(outcomesOf(relative.text)({})?.rule.redirect, { path: { path: '/new' }, status: 301 });
  const regex = ingress({ annotations: { 'server-alias': '~^a.*$,b.org' } });
  const aliased = imported(t, kind, listOf(regex));
  t.equal(outcomesOf(aliased.text)({ host: 'b.org' })?.version, 'shop-v1');
  t.match(aliased.warnings, [/TN6009 server-alias "~\^a\.\*\$" is left out/]);
  const annotations = {
    'from-to-www-redirect': 'true',
    'app-root': '/home',
    'server-alias': 'a.org, b.org',
  };
  const outcome = outcomesOf(imported(t, kind, listOf(ingress({ annotations }))).text);
  t.match(outcome({ host: 'www.shop.example.com' })?.rule.redirect, {
    host: 'shop.example.com',
    status: 308,
  });
  t.match(outcome({ path: '/' })?.rule.redirect, { path: { path: '/home' }, status: 302 });
  t.equal(outcome({ host: 'b.org', path: '/x' })?.version, 'shop-v1');
});

test('what a route says of its services', async (t) => {
  const rule = (made: MadeIngress) => imported(t, kind, listOf(ingress(made))).rules[0];
  t.match(rule({}), {
    timeouts: { connectMs: 5_000, firstByteMs: 60_000, idleMs: 60_000 },
    limits: { bodyBytes: 1_048_576 },
  });
  t.match(
    rule({
      annotations: {
        'proxy-connect-timeout': '1',
        'proxy-read-timeout': '10',
        'proxy-send-timeout': '20',
        'proxy-body-size': '8m',
        'proxy-next-upstream': 'error timeout http_502 http_503',
        'proxy-next-upstream-tries': '3',
        'upstream-vhost': 'inner.example.com',
        'x-forwarded-prefix': '/a',
        'rewrite-target': '/b',
      },
      path: '/a',
    }),
    {
      timeouts: { connectMs: 1_000, firstByteMs: 10_000, idleMs: 20_000 },
      limits: { bodyBytes: 8 * 1_048_576 },
      retries: { attempts: 2, statuses: [502, 503] },
      rewrite: { host: 'inner.example.com' },
      headers: { request: { set: { 'x-forwarded-prefix': '/a' } } },
    },
  );
  t.match(rule({ annotations: { 'proxy-body-size': '0', 'proxy-next-upstream': 'off' } }), {
    limits: { bodyBytes: 0 },
    retries: { attempts: 0 },
  });
  t.match(rule({ annotations: { 'backend-protocol': 'HTTPS', 'proxy-ssl-name': 'inner' } }), {
    versions: [
      { urls: ['https://shop-v1.shop.svc:8080'], tls: { serverName: 'inner', verify: true } },
    ],
  });
  t.match(rule({ annotations: { 'mirror-target': 'https://copy.example.com$request_uri' } }), {
    versions: [{}, { name: 'mirror', urls: ['https://copy.example.com:443'], weight: 0 }],
    mirror: {
      to: 'mirror',
      percent: 100,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    },
  });
});

test('what is not translated is told where it stands, and by how much it matters', async (t) => {
  for (const { annotation, value = 'x', told } of [
    {
      annotation: 'whitelist-source-range',
      value: '10.0.0.0/8',
      told: /TN6003 whitelist-source-range of shop\/web is not translated: clients it kept out/,
    },
    { annotation: 'auth-url', told: /TN6003 auth-url .*nobody is asked who they are/ },
    { annotation: 'auth-tls-secret', told: /TN6003 auth-tls-secret/ },
    { annotation: 'limit-rps', value: '5', told: /TN6003 limit-rps/ },
    {
      annotation: 'configuration-snippet',
      told: /TN6003 configuration-snippet .*nginx configuration/,
    },
    {
      annotation: 'affinity',
      value: 'cookie',
      told: /TN6002 affinity .*keeps a client at one pod/,
    },
    { annotation: 'session-cookie-name', told: /TN6002 session-cookie-name/ },
    { annotation: 'enable-cors', value: 'true', told: /TN6002 enable-cors/ },
    { annotation: 'proxy-buffer-size', value: '8k', told: /TN6007 proxy-buffer-size/ },
    {
      annotation: 'proxy-read-timeout',
      value: '5m',
      told: /TN6009 proxy-read-timeout must be a whole number/,
    },
    { annotation: 'canary-weight', value: '5', told: /TN6007 canary-weight .*without canary/ },
    { annotation: 'no-such-thing', told: /TN6008 no-such-thing of shop\/web is not known/ },
  ]) {
    const text = listOf(ingress({ annotations: { [annotation]: value } }));
    const line = text.split('\n').findIndex((one) => one.includes(`/${annotation}"`)) + 1;
    const { warnings, text: written } = imported(t, kind, text);
    t.match(warnings, [told], annotation);
    t.match(warnings[0], new RegExp(`^${line} `));
    if (told.source.startsWith('TN6003')) t.match(written, `# OPEN: ${annotation}`);
  }
});

test('what is no Ingress is told', async (t) => {
  const old = { ...ingress({ name: 'old' }), apiVersion: 'networking.k8s.io/v1beta1' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
  const other = ingress({ name: 'b', host: 'b.example.com', spec: {} });
  const { warnings, rules } = imported(t, kind, listOf(ingress(), old, pod, other));
  t.equal(rules.length, 2);
  t.match(warnings, [
    /TN6001 Ingress shop\/old of networking.k8s.io\/v1beta1/,
    /TN6001 Pod p of v1/,
  ]);
});

test('a backend that is no Service is left out and told', async (t) => {
  const paths = [
    { path: '/a', pathType: 'Prefix', backend: { resource: { kind: 'Bucket', name: 'b' } } },
  ];
  const { rules, warnings } = imported(
    t,
    kind,
    listOf(ingress({ spec: { rules: [{ host: 'a.b', http: { paths } }] } })),
  );
  t.same(rules, []);
  t.match(warnings.join(), /TN6005 \/a of shop\/web is left out: its backend is no Service/);
});
