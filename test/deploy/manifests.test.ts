import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { read } from '#core/document/read';
import { durationMs } from '../../src/cli/duration.ts';
import { readSettings } from '../../src/cli/settings.ts';
import { readPageSettings } from '../../src/testpage/page-settings.ts';

const root = resolve(import.meta.dirname, '../..');
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const skip = hasKubectl ? false : 'KUBECTL IS NOT INSTALLED: the manifests were not rendered';

type Labels = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly restartPolicy?: string;
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly limits: Labels; readonly requests: Labels };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap: { readonly name: string };
  }[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  // Each kind has a part of this; the tests below ask only for what their kind has.
  readonly spec: {
    readonly selector: Labels & { readonly matchLabels: Labels };
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly ports: readonly { readonly port: number; readonly targetPort: string | number }[];
  };
}

function render(folder: string): readonly Manifest[] {
  const { stdout, stderr, status } = spawnSync(
    'kubectl',
    ['kustomize', join(root, 'deploy', folder)],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

function containersOf({ spec }: Manifest): readonly Container[] {
  return [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
}

/** The plain variables of a container, with a stand-in for what the cluster fills in. */
function variables({ env }: Container): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'v1']));
}

function holds(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

for (const folder of ['gateway', 'sidecar']) {
  test(`deploy/${folder}`, { skip }, async (t) => {
    const manifests = render(folder);
    const deployments = ofKind(manifests, 'Deployment');
    const services = ofKind(manifests, 'Service');
    const turnouts = deployments.flatMap((deployment) =>
      containersOf(deployment)
        .filter(({ args }) => args[0] === 'run')
        .map((container) => ({ deployment, container })),
    );

    t.test('has Turnout once, two versions to split between, and Services', async (t) => {
      t.equal(turnouts.length, 1);
      t.equal(
        deployments.flatMap(containersOf).filter(({ args }) => args[0] === 'testpage').length,
        2,
      );
      t.ok(services.length >= 2);
    });

    t.test('lives in its own namespace, which it makes', async (t) => {
      const [namespace] = ofKind(manifests, 'Namespace');
      for (const { kind, metadata } of manifests) {
        if (kind !== 'Namespace')
          t.equal(metadata.namespace, namespace?.metadata.name, metadata.name);
      }
    });

    t.test('every Deployment selects its own pods, and no two the same', async (t) => {
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

    t.test('every Service leads to a port that a container of its pods has', async (t) => {
      for (const { metadata, spec } of services) {
        const behind = deployments.filter((one) =>
          holds(one.spec.template.metadata.labels, spec.selector),
        );
        t.equal(behind.length, 1, `${metadata.name} leads to one Deployment`);
        const ports = behind.flatMap(containersOf).flatMap((container) => container.ports);
        for (const { targetPort } of spec.ports) {
          const hit = ports.filter(
            (one) => one.name === targetPort || one.containerPort === targetPort,
          );
          t.equal(hit.length, 1, `${metadata.name}: ${targetPort}`);
        }
      }
    });

    t.test(
      'every container listens on the ports it declares, and is probed on one of them',
      async (t) => {
        for (const container of deployments.flatMap(containersOf)) {
          const declared = container.ports.map(({ containerPort }) => containerPort);
          t.same(declared, listenedOn(container), `${container.name} listens on them`);
          for (const [probe, path] of [
            [container.startupProbe, '/livez'],
            [container.livenessProbe, '/livez'],
            [container.readinessProbe, '/readyz'],
          ] as const) {
            t.equal(probe.httpGet.path, path);
            t.ok(
              container.ports.some(({ name }) => name === probe.httpGet.port),
              probe.httpGet.port,
            );
          }
        }
      },
    );

    t.test('every container runs this release with what restricted pods need', async (t) => {
      for (const deployment of deployments) {
        const { securityContext, automountServiceAccountToken } = deployment.spec.template.spec;
        t.equal(automountServiceAccountToken, false);
        t.match(securityContext, { runAsNonRoot: true, runAsUser: 65532 });
        t.match(securityContext, { seccompProfile: { type: 'RuntimeDefault' } });
        for (const { name, image, resources, ...container } of containersOf(deployment)) {
          t.equal(image, `turnout:${version}`, name);
          t.same(container.securityContext, {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          t.ok(resources.requests.cpu && resources.requests.memory, 'requests');
          t.notOk(resources.limits.cpu, 'no limit on the CPU');
          t.ok(resources.limits.memory, 'a limit on memory');
        }
      }
    });

    t.test('the version a testpage tells is its label', async (t) => {
      for (const { spec } of deployments) {
        for (const { args, env } of spec.template.spec.containers) {
          if (args[0] !== 'testpage') continue;
          const told = env.find(({ name }) => name === 'VERSION')?.valueFrom?.fieldRef.fieldPath;
          t.equal(told, "metadata.labels['version']");
          t.ok(spec.template.metadata.labels.version);
        }
      }
    });

    t.test(
      'the rules file is a key of the mounted ConfigMap, a directory, without subPath',
      async (t) => {
        for (const { deployment, container } of turnouts) {
          const file = variables(container).TURNOUT_RULES ?? '';
          const mount = container.volumeMounts?.find(({ mountPath }) =>
            file.startsWith(`${mountPath}/`),
          );
          t.equal(mount?.readOnly, true);
          t.equal(mount?.subPath, undefined);
          const volume = deployment.spec.template.spec.volumes?.find(
            ({ name }) => name === mount?.name,
          );
          const map = ofKind(manifests, 'ConfigMap').find(
            ({ metadata }) => metadata.name === volume?.configMap.name,
          );
          const key = file.slice((mount?.mountPath.length ?? 0) + 1);
          t.type(
            map?.data?.[key],
            'string',
            `${volume?.configMap.name} has ${key}, under this very name`,
          );
        }
      },
    );

    t.test('the rules have no problem, and every url in them leads somewhere', async (t) => {
      const [map] = ofKind(manifests, 'ConfigMap');
      const reading = read(map?.data?.['routes.yaml'] ?? '');
      t.match(reading, { kind: 'document', warnings: [] });
      if (reading.kind !== 'document') return;
      const urls = reading.document.routes.flatMap(({ versions }) =>
        versions.flatMap(({ urls }) => urls),
      );
      for (const { hostname, port } of urls.map((url) => new URL(url))) {
        t.ok(leadsSomewhere(hostname, Number(port)), `${hostname}:${port}`);
      }
    });

    t.test('every variable is one that Turnout or the testpage knows, and reads', async (t) => {
      for (const container of deployments.flatMap(containersOf)) {
        const env = variables(container);
        const readBy = container.args[0] === 'run' ? readSettings({}, env) : readPageSettings(env);
        t.same(readBy.problems ?? [], []);
      }
    });

    t.test('the pod is given longer to end than the drain may take', async (t) => {
      for (const { deployment, container } of turnouts) {
        const { terminationGracePeriodSeconds, containers } = deployment.spec.template.spec;
        const env = variables(container);
        const drainSeconds = (durationMs(env.TURNOUT_DRAIN_TIMEOUT ?? '') ?? 0) / 1_000;
        const before = container.restartPolicy === 'Always' ? preStopSeconds(containers) : 0;
        t.ok(drainSeconds > 0);
        t.ok(before + drainSeconds < terminationGracePeriodSeconds);
        if (container.restartPolicy === 'Always') {
          t.equal(env.TURNOUT_DRAIN_DELAY, '0', 'a sidecar ends after the app');
          t.ok(before > 0, 'the app serves on while endpoints leave');
          continue;
        }
        const { periodSeconds, failureThreshold = 3 } = container.readinessProbe;
        const delaySeconds = (durationMs(env.TURNOUT_DRAIN_DELAY ?? '') ?? 0) / 1_000;
        t.ok(delaySeconds > periodSeconds * failureThreshold, 'the probe fails within the delay');
      }
    });

    t.test('the admin listener may be called by the names of its Service', async (t) => {
      for (const { container } of turnouts) {
        const names = (variables(container).TURNOUT_ADMIN_HOSTS ?? '').split(',');
        const [admin] = services.filter(({ spec }) =>
          spec.ports.some(({ targetPort }) => targetPort === 'admin'),
        );
        if (admin === undefined) continue;
        const { name, namespace } = admin.metadata;
        t.same(names, [name, `${name}.${namespace}`, `${name}.${namespace}.svc`]);
      }
    });

    function listenedOn(container: Container): number[] {
      const env = variables(container);
      if (container.args[0] === 'testpage') return [Number(env.PORT)];
      const { settings } = readSettings({}, env);
      return [settings?.listen.port ?? 0, settings?.admin?.port ?? 0];
    }

    function leadsSomewhere(host: string, port: number): boolean {
      if (host !== '127.0.0.1') {
        return services.some(
          ({ metadata, spec }) =>
            metadata.name === host && spec.ports.some((one) => one.port === port),
        );
      }
      return turnouts.some(({ deployment }) =>
        deployment.spec.template.spec.containers.some((one) =>
          one.ports.some(({ containerPort }) => containerPort === port),
        ),
      );
    }
  });
}

function preStopSeconds(containers: readonly Container[]): number {
  return Math.max(...containers.map(({ lifecycle }) => lifecycle?.preStop.sleep.seconds ?? 0));
}

test('no generated name has a hash: a new ConfigMap would restart the pods', async (t) => {
  for (const folder of ['gateway', 'sidecar']) {
    const text = readFileSync(join(root, 'deploy', folder, 'kustomization.yaml'), 'utf8');
    t.match(text, /disableNameSuffixHash: true/);
  }
});
