import { availableParallelism, hostname } from 'node:os';
import { test } from 'tap';
import { readSettings, settingList } from '../../src/cli/settings.ts';

test('without flags and variables everything has a usable value', async (t) => {
  t.same(readSettings({}, {}).settings, {
    rules: { kind: 'file', path: 'routes.yaml' },
    listen: { host: '0.0.0.0', port: 8080 },
    tlsListen: undefined,
    tlsCertFiles: [],
    tlsKeyFiles: [],
    admin: { host: '127.0.0.1', port: 9090 },
    adminHosts: [],
    adminTokenFile: undefined,
    trustsAdminLoopback: true,
    stateDir: undefined,
    state: undefined,
    peers: [],
    replica: hostname(),
    leaseMs: 15_000,
    revisionHistory: 10,
    trustedProxies: [],
    keysFile: undefined,
    drainDelayMs: 10_000,
    drainTimeoutMs: 25_000,
    maxConnections: 10_000,
    workers: 1,
    limits: {
      maxRequests: 10_000,
      maxPerClient: 0,
      maxAgeMs: 3_600_000,
      headMs: 10_000,
      bodyMs: 30_000,
      writeMs: 60_000,
      keepAliveMs: 75_000,
    },
    maxLoopDelayMs: 100,
    logLevel: 'info',
  });
});

test('a flag wins over its variable, a variable over the standard', async (t) => {
  const env = { TURNOUT_LISTEN: '127.0.0.1:1', TURNOUT_RULES: 'from-variable.yaml' };
  const { settings } = readSettings({ listen: '[::1]:2' }, env);
  t.same(settings?.listen, { host: '::1', port: 2 });
  t.same(settings?.rules, { kind: 'file', path: 'from-variable.yaml' });
});

test('an empty variable counts as absent', async (t) => {
  t.match(readSettings({}, { TURNOUT_RULES: '' }).settings?.rules, { path: 'routes.yaml' });
});

test('the admin listener can be off', async (t) => {
  t.equal(readSettings({ admin: 'off' }, {}).settings?.admin, undefined);
});

test('as many workers as there are cores', async (t) => {
  t.equal(readSettings({ workers: 'auto' }, {}).settings?.workers, availableParallelism());
  t.equal(readSettings({ workers: '3' }, {}).settings?.workers, 3);
});

test('lists are separated by commas, with or without spaces', async (t) => {
  const { settings } = readSettings({ trustedProxies: '10.0.0.0/8, ::1,192.0.2.1' }, {});
  t.same(settings?.trustedProxies, ['10.0.0.0/8', '::1', '192.0.2.1']);
});

test('all problems come at once, each with flag or variable, value and what it must be', async (t) => {
  const read = readSettings({ listen: '8080' }, { TURNOUT_DRAIN_DELAY: '10' });
  t.same(read.problems, [
    '--listen must be HOST:PORT, for example 0.0.0.0:8080 or [::]:8080, got "8080"',
    'TURNOUT_DRAIN_DELAY must be a duration such as 500ms, 10s or 2m, got "10"',
  ]);
});

test('certificates, keys and the port for TLS belong together', async (t) => {
  t.match(readSettings({ tlsCertFiles: 'a.crt, b.crt', tlsKeyFiles: 'a.key,b.key' }, {}), {
    settings: { tlsCertFiles: ['a.crt', 'b.crt'], tlsKeyFiles: ['a.key', 'b.key'] },
  });
  t.same(readSettings({ tlsCertFiles: 'a.crt,b.crt', tlsKeyFiles: 'a.key' }, {}).problems, [
    '--tls-cert and --tls-key must name as many files each, got 2 and 1',
  ]);
  t.same(readSettings({ tlsListen: '[::]:8443' }, {}).problems, [
    '--tls-listen must have a certificate: name it with --tls-cert and its key with --tls-key',
  ]);
});

for (const { name, texts } of [
  {
    name: 'rules',
    texts: ['', 'configmap:', 'configmap:rules', 'configmap:Shop/rules', 'configmap:a/b/c/d'],
  },
  { name: 'rules', texts: ['httproutes:', 'httproutes:a/b/c', 'configmap:a/b/c d'] },
  { name: 'listen', texts: ['', ':8080', 'a b:1', '0.0.0.0:65536', '::1:80', '[127.0.0.1]:80'] },
  { name: 'admin', texts: ['none', 'localhost'] },
  { name: 'adminHosts', texts: ['a:1', 'a,*'] },
  {
    name: 'trustedProxies',
    texts: ['10.0.0.0/33', '::/129', 'proxy', '10.0.0.0/8/8', '10.0.0.0/'],
  },
  { name: 'drainTimeoutMs', texts: ['-1s', '1.5s', '1w', '9s'] },
  { name: 'workers', texts: ['0', '129', 'all', '1.5'] },
  { name: 'maxConnections', texts: ['0', '1e3', '1000001'] },
  { name: 'maxRequests', texts: ['0', 'many'] },
  { name: 'maxPerClient', texts: ['-1', 'off'] },
  { name: 'maxAgeMs', texts: ['1'] },
  { name: 'maxLoopDelayMs', texts: ['off'] },
  { name: 'writeMs', texts: ['0s'] },
  { name: 'trustsAdminLoopback', texts: ['yes', 'off'] },
  { name: 'revisionHistory', texts: ['0', '1001'] },
  { name: 'stateDir', texts: [''] },
  {
    name: 'state',
    texts: ['shop/turnout', 'configmap:turnout', 'configmap:a/b/c', 'configmap:A/b'],
  },
  { name: 'replica', texts: ['a_b', '-a'] },
  { name: 'leaseMs', texts: ['999ms', '11m', 'long'] },
  { name: 'headMs', texts: ['0', '0s'] },
  { name: 'logLevel', texts: ['Info', 'trace'] },
] as const) {
  for (const text of texts) {
    test(`${name} must not be ${JSON.stringify(text)}`, async (t) => {
      t.equal(readSettings({ [name]: text }, {}).problems?.length, 1);
    });
  }
}

test('every setting has a flag and a variable of its own', async (t) => {
  const settings = Object.values(settingList);
  for (const key of ['flags', 'variable'] as const) {
    t.equal(new Set(settings.map((setting) => setting[key])).size, settings.length);
  }
});

const shared = { state: 'configmap:shop/turnout', peers: 'turnout-peers:9090,10.0.0.1:9090' };

test('replicas have a ledger, addresses and a token', async (t) => {
  const given = { ...shared, adminTokenFile: 'tokens', replica: 'turnout-a' };
  t.match(readSettings(given, {}).settings, {
    state: { namespace: 'shop', name: 'turnout' },
    peers: [
      { host: 'turnout-peers', port: 9090 },
      { host: '10.0.0.1', port: 9090 },
    ],
    replica: 'turnout-a',
  });
});

for (const { given, problem } of [
  { given: shared, problem: /--peers must go with --admin-token-file/ },
  { given: { peers: 'a:1', adminTokenFile: 'tokens' }, problem: /--peers must go with --state/ },
  {
    given: { ...shared, adminTokenFile: 'tokens', admin: 'off' },
    problem: /--peers must go with --admin:/,
  },
  { given: { state: shared.state, stateDir: 'state' }, problem: /must not be given both/ },
  { given: { ...shared, peers: 'a', adminTokenFile: 'tokens' }, problem: /^--peers must be HOST/ },
] as const) {
  test(`what does not go together is told: ${JSON.stringify(given)}`, async (t) => {
    t.match(readSettings(given, {}).problems, [problem]);
  });
}
