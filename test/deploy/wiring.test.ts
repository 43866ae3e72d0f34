import { type Test, test, testdir } from 'tap';
import { everyRender } from './every-render.ts';
import {
  type Container,
  containersOf,
  holds,
  type Manifest,
  ofKind,
  running,
  variables,
} from './manifest.ts';
import { render, skip } from './rendered.ts';

if (skip !== false) test('the manifests', { skip }, async () => {});

/** Made by hand, by a command that each README and the component itself names. */
const secretsByHand = ['turnout-admin', 'turnout-keys'];

for (const { name, manifests } of skip === false ? everyRender(testdir({})) : []) {
  const deployments = ofKind(manifests, 'Deployment');
  const services = ofKind(manifests, 'Service');

  test(`${name}: all is in one namespace, and no object is there twice`, async (t) => {
    const namespaces = new Set(
      manifests
        .filter(({ kind }) => kind !== 'Namespace')
        .map(({ metadata }) => metadata.namespace),
    );
    t.equal(namespaces.size, 1);
    for (const { metadata } of ofKind(manifests, 'Namespace')) t.ok(namespaces.has(metadata.name));
    const ids = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    t.same(ids.toSorted(), [...new Set(ids)].toSorted());
  });

  test(`${name}: every Deployment selects its own pods, and no two the same`, async (t) => {
    for (const { metadata, spec } of deployments) {
      const owners = deployments.filter((other) =>
        holds(spec.template.metadata.labels, other.spec.selector.matchLabels),
      );
      t.same(
        owners.map((owner) => owner.metadata.name),
        [metadata.name],
      );
    }
  });

  test(`${name}: every Service leads to a port that a container of its pods has`, async (t) => {
    for (const { metadata, spec } of services) {
      const behind = behindSelector(spec.selector);
      // Of one Deployment whose pods change version, the Service of the other has none yet.
      if (metadata.name === 'testpage-v2' && behind.length === 0) continue;
      t.equal(behind.length, 1, `${metadata.name} leads to one Deployment`);
      const ports = behind.flatMap(containersOf).flatMap((container) => container.ports ?? []);
      for (const { targetPort } of spec.ports) {
        const hit = ports.filter(
          (one) => one.name === targetPort || one.containerPort === targetPort,
        );
        t.equal(hit.length, 1, `${metadata.name}: ${targetPort}`);
      }
    }
  });

  test(`${name}: what is mounted is there, as a directory, and all of it is used`, async (t) => {
    for (const { spec } of deployments) {
      const volumes = spec.template.spec.volumes ?? [];
      for (const { configMap, secret } of volumes) {
        if (secret !== undefined) t.ok(secretsByHand.includes(secret.secretName));
        else t.ok(ofKind(manifests, 'ConfigMap').some(isNamed(configMap?.name ?? '')));
      }
      const mounts = containersOf({ spec } as Manifest).flatMap((one) => one.volumeMounts ?? []);
      t.same(mounts.map((one) => one.name).toSorted(), volumes.map((one) => one.name).toSorted());
      for (const { readOnly, subPath } of mounts)
        t.match({ readOnly, subPath }, { readOnly: true });
      t.notOk(
        mounts.some(({ subPath }) => subPath !== undefined),
        'subPath would never change',
      );
    }
  });

  test(`${name}: files that variables name are in what is mounted`, async (t) => {
    for (const deployment of deployments) {
      for (const container of running('run', deployment)) {
        for (const path of Object.values(variables(container))) {
          if (path.startsWith('/')) isMounted(t, deployment, container, path);
        }
      }
    }
  });

  test(`${name}: objects of the cluster that variables name are there`, async (t) => {
    for (const env of turnouts().map(variables)) {
      const { TURNOUT_RULES = '', TURNOUT_STATE, TURNOUT_PEERS } = env;
      if (TURNOUT_RULES.startsWith('configmap:')) {
        const { name, key = 'routes.yaml', namespace } = mapOf(TURNOUT_RULES);
        const map = ofKind(manifests, 'ConfigMap').find(isNamed(name));
        t.type(map?.data?.[key], 'string', `${name} has ${key}`);
        t.equal(map?.metadata.namespace, namespace);
      }
      if (TURNOUT_STATE !== undefined) isEmptyState(t, mapOf(TURNOUT_STATE).name);
      if (TURNOUT_PEERS !== undefined) isPeers(t, TURNOUT_PEERS);
    }
  });

  test(`${name}: the admin listener may be called by the names of its Service`, async (t) => {
    for (const env of turnouts().map(variables)) {
      const admin = services.find(isNamed('turnout-admin'));
      if (admin === undefined) continue;
      const { name, namespace } = admin.metadata;
      t.same(env.TURNOUT_ADMIN_HOSTS?.split(','), [
        name,
        `${name}.${namespace}`,
        `${name}.${namespace}.svc`,
      ]);
    }
  });

  test(`${name}: what selects pods, or names a Deployment, finds one`, async (t) => {
    for (const { spec, metadata } of ofKind(manifests, 'PodDisruptionBudget')) {
      t.equal(behindSelector(spec.selector.matchLabels).length, 1, metadata.name);
    }
    for (const { spec } of ofKind(manifests, 'NetworkPolicy')) {
      const behind = behindSelector(spec.podSelector.matchLabels);
      t.equal(behind.length, 1);
      for (const port of spec.ingress.flatMap(({ ports }) => ports ?? [])) {
        t.ok(portNames(behind).includes(String(port.port)), `port ${port.port}`);
      }
    }
    for (const { spec } of ofKind(manifests, 'PodMonitor')) {
      const behind = behindSelector(spec.selector.matchLabels);
      t.equal(behind.length, 1);
      for (const { port } of spec.podMetricsEndpoints) t.ok(portNames(behind).includes(port), port);
    }
    for (const { spec } of deployments) {
      for (const { labelSelector } of spec.template.spec.topologySpreadConstraints ?? []) {
        t.ok(holds(spec.template.metadata.labels, labelSelector.matchLabels), 'spreads its own');
      }
    }
  });

  test(`${name}: what an autoscaler scales has no number of its own, and asks for CPU`, async (t) => {
    for (const { spec } of ofKind(manifests, 'HorizontalPodAutoscaler')) {
      const scaled = deployments.find(isNamed(spec.scaleTargetRef.name));
      t.ok(scaled, spec.scaleTargetRef.name);
      t.equal(scaled?.spec.replicas, undefined, 'else every apply sets it back');
      for (const { resources } of scaled === undefined ? [] : containersOf(scaled)) {
        t.ok(resources.requests.cpu);
      }
    }
  });

  function isMounted(t: Test, { spec }: Manifest, container: Container, path: string): void {
    const mount = container.volumeMounts?.find((one) => path.startsWith(`${one.mountPath}/`));
    t.ok(mount, path);
    const volume = spec.template.spec.volumes?.find(({ name }) => name === mount?.name);
    // What is in a Secret nobody knows here.
    if (volume?.configMap === undefined) return;
    const map = ofKind(manifests, 'ConfigMap').find(isNamed(volume.configMap.name));
    t.type(map?.data?.[path.slice((mount?.mountPath.length ?? 0) + 1)], 'string', path);
  }

  function turnouts() {
    return deployments.flatMap((deployment) => running('run', deployment));
  }

  function behindSelector(selector: Readonly<Record<string, string>>): readonly Manifest[] {
    return deployments.filter(({ spec }) => holds(spec.template.metadata.labels, selector));
  }

  /** Shipped, so that no right to create is needed; and empty, so that applying again changes nothing. */
  function isEmptyState(t: Test, name: string): void {
    const map = ofKind(manifests, 'ConfigMap').find(isNamed(name));
    t.ok(map, `ConfigMap ${name}`);
    t.equal(map?.data, undefined);
    t.same(ofKind(manifests, 'Lease').find(isNamed(name))?.spec, {}, `Lease ${name}`);
  }

  function isPeers(t: Test, peers: string): void {
    const [, name = '', namespace, port] = /^([a-z-]+)\.([a-z-]+)\.svc:(\d+)$/.exec(peers) ?? [];
    const service = services.find(isNamed(name));
    t.match(service?.spec, { clusterIP: 'None', publishNotReadyAddresses: true });
    t.equal(service?.metadata.namespace, namespace);
    // A headless Service maps no ports: the pod is called on this very one.
    t.match(service?.spec.ports, [{ port: Number(port), targetPort: 'admin' }]);
    t.same(behindSelector(service?.spec.selector ?? { none: '' }).map(adminPort), [Number(port)]);
  }
}

test('a sidecar is scraped by the same monitor as the gateway', { skip }, async (t) => {
  const [gateway, sidecar] = ['overlays/gateway', 'overlays/sidecar'].map((folder) =>
    ofKind(render(folder), 'Deployment').find((one) => running('run', one).length > 0),
  );
  t.equal(gateway?.spec.template.metadata.labels.metrics, 'turnout');
  t.equal(sidecar?.spec.template.metadata.labels.metrics, 'turnout');
});

function isNamed(name: string) {
  return ({ metadata }: Manifest): boolean => metadata.name === name;
}

function mapOf(text: string): { namespace?: string; name: string; key?: string } {
  const [namespace, name = '', key] = text.slice('configmap:'.length).split('/');
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(key === undefined ? {} : { key }),
  };
}

function portNames(deployments: readonly Manifest[]): readonly string[] {
  return deployments
    .flatMap(containersOf)
    .flatMap(({ ports }) => ports ?? [])
    .map(({ name }) => name);
}

function adminPort(deployment: Manifest): number | undefined {
  return containersOf(deployment)
    .flatMap(({ ports }) => ports ?? [])
    .find(({ name }) => name === 'admin')?.containerPort;
}
