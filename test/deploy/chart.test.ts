import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { test } from 'tap';
import { parse } from 'yaml';
import { settingList } from '../../src/cli/settings.ts';
import { chart, renderers, skipChart, type Values } from './chart-rendered.ts';
import { others, sameAs } from './chart-values.ts';
import { fieldProblems } from './field-problems.ts';
import { type Manifest, ofKind, running, variables } from './manifest.ts';
import { components, renderWith, root, skip } from './rendered.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const about = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));
const standard = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));

/** What Helm's conventions add: they tell releases apart, which kustomize has no need of. */
const ofHelm = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
];
/** Lists in which the order of what has a name says nothing, once `variables` are right. */
const unordered = ['env', 'volumes', 'volumeMounts'];

test('the chart is that of this version', async (t) => {
  t.equal(about.version, version);
  t.equal(about.appVersion, version);
});

if (skipChart !== false) test('the chart, rendered', { skip: skipChart }, async () => {});

for (const { name, render } of renderers()) {
  for (const { values, components } of sameAs) {
    test(`${name}: as the base with ${components.join(', ') || 'nothing'}`, {
      skip,
    }, async (t) => {
      const kustomized = renderWith(join(t.testdir({}), 'overlay'), components);
      // The chart makes up a token; for kustomize it is made by hand.
      const rendered = render(values).filter(({ kind }) => kind !== 'Secret');
      t.same(plain(rendered), plain(kustomized));
    });
  }

  test(`${name}: all of it has fields that exist`, async (t) => {
    const all = [...sameAs.map(({ values }) => values), ...others].flatMap((values) =>
      render(values),
    );
    t.same(fieldProblems(all, t.testdir({})), []);
  });

  test(`${name}: rules in a ConfigMap that is there already, with a key of its own`, async (t) => {
    const manifests = render(others[0] ?? {});
    t.notOk(ofKind(manifests, 'ConfigMap').some(({ data }) => data !== undefined));
    const [env] = manifests.flatMap((one) => running('run', one)).map(variables);
    t.match(env, {
      TURNOUT_RULES: 'configmap:turnout-demo/shop-rules/rules.yaml',
      TURNOUT_WORKERS: '2',
      TURNOUT_TRUSTED_PROXIES: '10.0.0.0/8',
    });
    const [role] = ofKind(manifests, 'Role');
    t.match(role?.rules, [{ resourceNames: ['shop-rules'] }, { resources: ['endpointslices'] }]);
    t.equal(role?.rules?.length, 2, 'no Services where no port is a number');
    const [container] = manifests.flatMap((one) => running('run', one));
    t.equal(container?.image, 'registry.example.com/turnout:0.1.1');
    t.same(ofKind(manifests, 'Secret'), [], 'the token is in the Secret that is named');
    t.same(ofKind(manifests, 'PodDisruptionBudget'), []);
  });

  test(`${name}: the HTTPRoutes of one Gateway`, async (t) => {
    const manifests = render({ rules: { source: 'httproutes', gateway: 'shop' } });
    const [env] = manifests.flatMap((one) => running('run', one)).map(variables);
    t.match(env, { TURNOUT_RULES: 'httproutes:turnout-demo/shop' });
  });

  test(`${name}: without rules there is nothing to install`, async (t) => {
    t.throws(() => render({}), /the rules are missing: --set-file rules\.text=routes\.yaml/);
  });

  test(`${name}: a token is made up, long enough and never the same`, async (t) => {
    const values = { rules: { text: 'a' }, rollouts: { enabled: true } };
    const tokens = [1, 2].map(() => tokenOf(render(values)));
    for (const token of tokens) t.match(token, /^[A-Za-z0-9]{43}$/);
    t.not(tokens[0], tokens[1]);
  });
}

for (const { render } of renderers().filter(({ name }) => name === 'chart-renderer')) {
  test('the token that is there is kept', async (t) => {
    const metadata = { name: 'turnout-admin', namespace: 'turnout-demo' };
    const tokens = Buffer.from('kept').toString('base64');
    const there = [{ apiVersion: 'v1', kind: 'Secret', metadata, data: { tokens } }];
    const values = { rules: { text: 'a' }, rollouts: { enabled: true } };
    t.equal(tokenOf(render(values, there)), 'kept');
  });
}

test('no checksum of the rules restarts the pods', async (t) => {
  const text = readFileSync(join(chart, 'templates/deployment.yaml'), 'utf8');
  t.notMatch(text, /sha256|checksum\//);
});

test('values', async (t) => {
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    schema,
  );

  t.test('those of the chart, and those of all these tests, are right', async (t) => {
    for (const values of [standard, {}, ...sameAs.map(({ values }) => values), ...others]) {
      validate(values);
      t.same(validate.errors ?? [], []);
    }
  });

  for (const { values, because } of wrong) {
    t.test(`${JSON.stringify(values)} are refused: ${because}`, async (t) => {
      t.equal(validate(values), false);
    });
  }

  t.test(
    'every value of the chart has a place in the schema, and the other way round',
    async (t) => {
      for (const [place, keys] of Object.entries(placesIn(schema))) {
        const value = place
          .split('.')
          .reduce((inner, key) => (key === '' ? inner : inner?.[key]), standard);
        if (place.startsWith('imagePullSecrets')) continue;
        t.same(
          Object.keys(value).toSorted(),
          keys.filter((key) => key !== 'global').toSorted(),
          place,
        );
      }
    },
  );

  t.test('settings are those of the program that the chart does not set otherwise', async (t) => {
    const byTheChart = [
      'rules',
      'listen',
      'admin',
      'admin-hosts',
      'admin-token-file',
      'keys',
      'drain-delay',
      'drain-timeout',
      'state',
      'state-dir',
      'peers',
      'replica',
      'tls-listen',
    ];
    const names = Object.values(settingList).map(({ variable }) =>
      variable.replace('TURNOUT_', '').toLowerCase().replaceAll('_', '-'),
    );
    t.same(
      schema.properties.settings.propertyNames.enum.toSorted(),
      names.filter((name) => !byTheChart.includes(name)).toSorted(),
    );
  });
});

const wrong: readonly { readonly values: Values; readonly because: string }[] = [
  { values: { replica: 2 }, because: 'no such value' },
  { values: { replicas: 0 }, because: 'at least one' },
  { values: { replicas: '2' }, because: 'a number' },
  { values: { rules: { source: 'git' } }, because: 'file, api or httproutes' },
  { values: { rules: { configMap: 'shop' } }, because: 'no such value' },
  { values: { rules: { key: 'a/b' } }, because: 'no key of a ConfigMap' },
  { values: { rollouts: true }, because: 'an object' },
  { values: { rollouts: { enable: true } }, because: 'no such value' },
  { values: { drain: { delay: 10 } }, because: 'a duration has a unit' },
  { values: { service: { port: 70_000 } }, because: 'no port' },
  { values: { service: { type: 'ExternalName' } }, because: 'no such type here' },
  { values: { settings: { worker: '2' } }, because: 'no such setting' },
  { values: { settings: { listen: '0.0.0.0:80' } }, because: 'the chart sets it' },
  { values: { settings: { workers: { count: 2 } } }, because: 'text, a number or a boolean' },
  { values: { image: { pullPolicy: 'Sometimes' } }, because: 'no such policy' },
  { values: { autoscaling: { cpu: 650 } }, because: 'percent' },
  { values: { fullnameOverride: 'Turnout' }, because: 'no name of an object' },
];

test('kustomize and the chart offer the same', async (t) => {
  t.same(sameAs.at(-1)?.components.toSorted(), components);
});

function tokenOf(manifests: readonly Manifest[]): string {
  const [secret] = ofKind(manifests, 'Secret');
  return Buffer.from(secret?.data?.tokens ?? '', 'base64').toString();
}

/** Returns the keys of every object of a schema that names them, by its place. */
function placesIn(schema: Schema, place = ''): Record<string, readonly string[]> {
  const { properties } = schema;
  if (properties === undefined) return {};
  const inner = Object.entries(properties).map(([key, one]) =>
    placesIn(one, place === '' ? key : `${place}.${key}`),
  );
  return Object.assign({ [place]: Object.keys(properties) }, ...inner);
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Returns manifests in one order, without what Helm adds, as text to be compared by. */
function plain(manifests: readonly Manifest[]): readonly unknown[] {
  return manifests
    .map((manifest) => JSON.parse(JSON.stringify(manifest, plainly)))
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

function idOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}

function plainly(key: string, value: unknown): unknown {
  if (Array.isArray(value) && unordered.includes(key)) {
    // An empty list is what kustomize leaves of one, and the same as none.
    return value.length === 0 ? undefined : value.toSorted(byName);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !ofHelm.includes(name));
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
