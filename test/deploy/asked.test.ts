import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { settingList } from '../../src/cli/settings.ts';
import { type Resource, resources } from '../../src/core/kubernetes/api.ts';
import type { KubernetesObject } from '../../src/core/kubernetes/objects.ts';
import { ApiServer, type Asked } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { Pods } from '../support/pods.ts';
import { startTurnout } from '../support/turnout-process.ts';
import { type Manifest, ofKind, type Rule, running, variables } from './manifest.ts';
import { namespace } from './played.ts';
import { deploy, render, skip } from './rendered.ts';

const known: readonly string[] = Object.values(settingList).map(({ variable }) => variable);
const kinds: Readonly<Record<string, Resource>> = {
  ConfigMap: resources.configMaps,
  Lease: resources.leases,
};

test('as its manifests start it, Turnout is granted all that it asks for', {
  skip,
}, async (t) => {
  const manifests = render('canary/weight');
  const server = await ApiServer.start(t);
  const granted = ofKind(manifests, 'Role').flatMap(({ rules = [] }) => rules);
  server.tokens.set('token-1', granted);
  // What Turnout may not create is there, as it is shipped.
  for (const manifest of manifests) {
    const resource = kinds[manifest.kind];
    if (resource !== undefined)
      server.put(resource, structuredClone(manifest) as KubernetesObject & Manifest);
  }
  await (await Pods.of(t, server, 'testpage-v1', namespace)).add('v1');
  await (await Pods.of(t, server, 'testpage-v2', namespace)).add('v2');

  const after = readFileSync(join(deploy, 'canary/weight/routes/2-canary.yaml'), 'utf8');
  const folder = t.testdir({ tokens: `${'a'.repeat(43)}\n` });
  const [container] = manifests.flatMap((one) => running('run', one));
  const env = Object.entries(container === undefined ? {} : variables(container));
  const words = [
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--admin-token-file',
    join(folder, 'tokens'),
  ];
  const started = startTurnout(t, ['run', ...words], {
    ...Object.fromEntries(env.filter(([name]) => known.includes(name))),
    KUBECONFIG: server.kubeconfigFile(t, namespace),
  });
  await started.says(/traffic +http/);
  const map = server.get(resources.configMaps, namespace, 'turnout-rules');
  server.put(resources.configMaps, { ...map, data: { 'routes.yaml': after } } as never);
  // Once by the start, and once by this change.
  await eventually(
    () => started.output().split('"document_applied"').length > 2,
    'the change is in force',
  );
  await eventually(
    () => {
      const ledger = server.get(resources.configMaps, namespace, 'turnout-state');
      const lease = server.get(resources.leases, namespace, 'turnout-state');
      return (
        JSON.stringify(ledger).includes('testpage') &&
        JSON.stringify(lease).includes('holderIdentity')
      );
    },
    'a leader has kept how the release stands',
    30_000,
  );
  await eventually(
    () => server.asked.some(({ resource }) => resource === 'endpointslices'),
    'endpoints',
  );
  for (const asked of server.asked)
    t.ok(isGranted(asked, granted), `${asked.verb} ${asked.resource} ${asked.name ?? ''}`);
});

function isGranted({ verb, group, resource, name = '' }: Asked, granted: readonly Rule[]): boolean {
  return granted.some(
    (rule) =>
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      rule.verbs.includes(verb) &&
      (rule.resourceNames?.includes(name) ?? true),
  );
}
