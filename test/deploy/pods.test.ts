import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test, testdir } from 'tap';
import { durationMs } from '../../src/cli/duration.ts';
import { readSettings, settingList } from '../../src/cli/settings.ts';
import { pageVariables, readPageSettings } from '../../src/testpage/page-settings.ts';
import { everyRender } from './every-render.ts';
import {
  type Container,
  containersOf,
  type Manifest,
  ofKind,
  running,
  variables,
} from './manifest.ts';
import { overlays, render, root, skip, strategies } from './rendered.ts';

const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

if (skip !== false) test('the manifests', { skip }, async () => {});

for (const { name, manifests } of skip === false ? everyRender(testdir({})) : []) {
  const deployments = ofKind(manifests, 'Deployment');
  const turnouts = deployments.flatMap((deployment) =>
    running('run', deployment).map((container) => ({ deployment, container })),
  );

  test(`${name}: Turnout is in one Deployment`, async (t) => {
    t.equal(turnouts.length, 1);
  });

  test(`${name}: every container is what restricted pods may have`, async (t) => {
    for (const deployment of deployments) {
      const { securityContext, enableServiceLinks } = deployment.spec.template.spec;
      t.equal(enableServiceLinks, false, 'no variables of every Service');
      t.match(securityContext, {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { name, image, args, resources, ...container } of containersOf(deployment)) {
        if (args === undefined) t.match(image, /:[\w.-]+$/, `${name}: the image has a tag`);
        else t.equal(image, `turnout:${version}`, name);
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

  test(`${name}: only who asks the API has a token for it`, async (t) => {
    for (const deployment of deployments) {
      const { automountServiceAccountToken } = deployment.spec.template.spec;
      const asks = running('run', deployment).some((container) => asksTheApi(container));
      t.equal(automountServiceAccountToken, asks, deployment.metadata.name);
    }
  });

  test(`${name}: containers listen on the ports they declare, and are probed there`, async (t) => {
    for (const container of deployments.flatMap(ofTheProgram)) {
      const declared = container.ports?.map(({ containerPort }) => containerPort);
      t.same(declared, listenedOn(container), `${container.name} listens on them`);
      for (const [probe, path] of [
        [container.startupProbe, '/livez'],
        [container.livenessProbe, '/livez'],
        [container.readinessProbe, '/readyz'],
      ] as const) {
        t.equal(probe.httpGet.path, path);
        const names = container.ports?.map((port) => port.name);
        t.ok(names?.includes(probe.httpGet.port), probe.httpGet.port);
      }
    }
  });

  test(`${name}: every variable is known, comes after those it refers to, and can be used`, async (t) => {
    for (const container of deployments.flatMap(ofTheProgram)) {
      const env = variables(container);
      for (const [variable, value] of Object.entries(env)) {
        t.ok(isKnown(variable, container), variable);
        t.notMatch(value, /\$\(/, variable);
      }
      const isRun = container.args?.[0] === 'run';
      t.same((isRun ? readSettings({}, env) : readPageSettings(env)).problems ?? [], []);
    }
  });

  test(`${name}: the pod is given longer to end than the drain may take`, async (t) => {
    for (const { deployment, container } of turnouts) {
      const { terminationGracePeriodSeconds, containers } = deployment.spec.template.spec;
      const isSidecar = container.restartPolicy === 'Always';
      const before = isSidecar ? preStopSeconds(containers) : 0;
      const drain = seconds(container, 'TURNOUT_DRAIN_TIMEOUT');
      t.ok(drain > 0);
      t.ok(before + drain < terminationGracePeriodSeconds);
      if (isSidecar) endsAfterTheApp(t, container, before);
      else servesUntilUnready(t, container);
    }
    for (const deployment of deployments) {
      for (const page of running('testpage', deployment)) {
        const drainSeconds = Number(variables(page).DRAIN_MS ?? '0') / 1_000;
        t.ok(drainSeconds < deployment.spec.template.spec.terminationGracePeriodSeconds);
      }
    }
  });
}

test('the version a testpage tells is its label', { skip }, async (t) => {
  for (const folder of [...overlays, ...strategies]) {
    for (const deployment of ofKind(render(folder), 'Deployment')) {
      for (const { env } of running('testpage', deployment)) {
        const told = env?.find(({ name }) => name === 'VERSION')?.valueFrom?.fieldRef.fieldPath;
        t.equal(told, "metadata.labels['version']");
        t.ok(deployment.spec.template.metadata.labels.version);
      }
    }
  }
});

test('a sidecar believes nobody in its pod: the app is there, too', { skip }, async (t) => {
  const env = render('overlays/sidecar')
    .flatMap((manifest) => running('run', manifest))
    .map(variables);
  t.match(env, [{ TURNOUT_ADMIN_TRUST_LOOPBACK: 'false' }]);
});

test('no generated name has a hash: a new ConfigMap would restart the pods', async (t) => {
  for (const folder of ['overlays/gateway', 'overlays/sidecar', ...strategies]) {
    const text = readFileSync(join(root, 'deploy', folder, 'kustomization.yaml'), 'utf8');
    t.match(text, /disableNameSuffixHash: true/, folder);
  }
});

/** The containers that are this program, and no other image. */
function ofTheProgram(deployment: Manifest): readonly Container[] {
  return containersOf(deployment).filter(({ args }) => args !== undefined);
}

function asksTheApi(container: Container): boolean {
  const { TURNOUT_RULES = '', TURNOUT_STATE = '' } = variables(container);
  return [TURNOUT_RULES, TURNOUT_STATE].some((text) => /^(configmap|httproutes):/.test(text));
}

function listenedOn(container: Container): number[] {
  const env = variables(container);
  if (container.args?.[0] === 'testpage') return [Number(env.PORT)];
  const { settings } = readSettings({}, env);
  return [settings?.listen.port ?? 0, settings?.admin?.port ?? 0];
}

function isKnown(variable: string, { args }: Container): boolean {
  if (args?.[0] === 'testpage') return variable in pageVariables;
  const ofOthers = ['NODE_OPTIONS', 'POD_NAMESPACE'];
  const settings = Object.values(settingList).map((setting) => setting.variable);
  return [...ofOthers, ...settings].includes(variable);
}

function seconds(container: Container, variable: string): number {
  return (durationMs(variables(container)[variable] ?? '') ?? 0) / 1_000;
}

function endsAfterTheApp(t: Test, container: Container, preStop: number): void {
  t.equal(seconds(container, 'TURNOUT_DRAIN_DELAY'), 0, 'the endpoints have left before');
  t.ok(preStop > 0, 'the app serves on while endpoints leave');
}

function servesUntilUnready(t: Test, container: Container): void {
  const { periodSeconds, failureThreshold = 3 } = container.readinessProbe;
  const delay = seconds(container, 'TURNOUT_DRAIN_DELAY');
  t.ok(delay > periodSeconds * failureThreshold, 'the probe fails within the delay');
  t.equal(container.lifecycle, undefined, 'no preStop: the image has no shell to rely on');
}

function preStopSeconds(containers: readonly Container[]): number {
  return Math.max(...containers.map(({ lifecycle }) => lifecycle?.preStop.sleep.seconds ?? 0));
}
