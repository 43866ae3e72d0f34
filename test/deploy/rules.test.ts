import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { read } from '#core/document/read';
import { strategyWith } from './every-render.ts';
import { containersOf, holds, type Manifest, ofKind, running, variables } from './manifest.ts';
import { deploy, overlays, render, skip, strategies } from './rendered.ts';

/** What is read out of a document; throws where it has a problem. */
function documentOf(text: string) {
  const reading = read(text);
  if (reading.kind !== 'document') throw new Error(JSON.stringify(reading.problems));
  return reading;
}

for (const strategy of strategies) {
  const files = globSync('*.yaml', { cwd: join(deploy, strategy, 'routes') }).toSorted();
  const texts = files.map((file) => readFileSync(join(deploy, strategy, 'routes', file), 'utf8'));

  test(`${strategy}: rules before a release, and rules of one`, async (t) => {
    t.match(files, ['1-before.yaml', /^2-[a-z-]+\.yaml$/]);
    t.equal(files.length, 2);
  });

  for (const [index, text] of texts.entries()) {
    test(`${strategy}/routes/${files[index]}: no problem and no warning, and editors know its schema`, async (t) => {
      t.same(documentOf(text).warnings, []);
      const up = '../'.repeat(strategy.split('/').length + 2);
      t.match(text, `$schema=${up}config/turnout.schema.json\n`);
    });
  }

  test(`${strategy}: a release begins where the routes stood, and brings one version`, async (t) => {
    const [before = [], after = []] = texts.map((text) => documentOf(text).document.routes);
    t.same(
      before.map(({ name }) => name),
      after.map(({ name }) => name),
    );
    for (const [index, route] of before.entries()) {
      const next = after[index];
      t.equal(route.versions.length, 1);
      t.equal(next?.versions.length, 2);
      t.same(next?.versions[0]?.service, route.versions[0]?.service, 'v1 stays what it was');
      t.same(next?.unit, route.unit, 'users stay who they are');
      t.equal(route.rollout, undefined);
    }
  });

  test(`${strategy}: what its rules name is in what it applies`, { skip }, async (t) => {
    const manifests = strategyWith(strategy);
    for (const { versions } of texts.flatMap((text) => documentOf(text).document.routes)) {
      for (const { service } of versions) {
        const found = ofKind(manifests, 'Service').find(
          ({ metadata }) => metadata.name === service?.name,
        );
        t.ok(found, `Service ${service?.name}`);
        t.ok(
          found?.spec.ports.some(({ name }) => name === service?.port),
          'by the name of a port',
        );
      }
    }
  });

  test(`${strategy}: it begins with the rules before`, { skip }, async (t) => {
    const map = ofKind(render(strategy), 'ConfigMap').find(
      ({ metadata }) => metadata.name === 'turnout-rules',
    );
    t.equal(map?.data?.['routes.yaml'], texts[0]);
  });
}

for (const folder of overlays) {
  test(`${folder}: the rules have no problem, and every url in them leads somewhere`, {
    skip,
  }, async (t) => {
    const manifests = render(folder);
    const [map] = ofKind(manifests, 'ConfigMap');
    const { document, warnings } = documentOf(map?.data?.['routes.yaml'] ?? '');
    t.same(warnings, []);
    const urls = document.routes.flatMap(({ versions }) => versions.flatMap(({ urls }) => urls));
    t.equal(urls.length, 2);
    for (const { hostname, port } of urls.map((url) => new URL(url))) {
      t.ok(leadsSomewhere(manifests, hostname, Number(port)), `${hostname}:${port}`);
    }
  });
}

/** By its name to a Service, by loopback to a container in the pod of Turnout. */
function leadsSomewhere(manifests: readonly Manifest[], host: string, port: number): boolean {
  if (host !== '127.0.0.1') {
    return ofKind(manifests, 'Service').some(
      ({ metadata, spec }) => metadata.name === host && spec.ports.some((one) => one.port === port),
    );
  }
  return ofKind(manifests, 'Deployment')
    .filter((one) => running('run', one).length > 0)
    .some((one) =>
      containersOf(one).some(({ ports }) => ports?.some((each) => each.containerPort === port)),
    );
}

for (const strategy of ['recreate', 'ramped']) {
  test(`${strategy}: v2 is v1 with another label, which the Deployment does not select by`, {
    skip,
  }, async (t) => {
    const [v1, v2] = ['v1', 'v2'].map((version) =>
      readFileSync(join(deploy, strategy, `${version}.yaml`), 'utf8'),
    );
    t.equal(v2, v1?.replaceAll('version: v1', 'version: v2'));
    const manifests = render(strategy);
    const [page] = ofKind(manifests, 'Deployment').filter(
      ({ metadata }) => metadata.name === 'testpage',
    );
    t.notOk('version' in (page?.spec.selector.matchLabels ?? {}));
    for (const version of ['v1', 'v2']) {
      const service = ofKind(manifests, 'Service').find(
        ({ metadata }) => metadata.name === `testpage-${version}`,
      );
      const labels = { ...page?.spec.template.metadata.labels, version };
      t.ok(holds(labels, service?.spec.selector ?? { none: '' }), version);
    }
  });
}

test('recreate: all pods end before the first new one, within the time that requests wait', {
  skip,
}, async (t) => {
  const [page] = ofKind(render('recreate'), 'Deployment').filter(
    ({ metadata }) => metadata.name === 'testpage',
  );
  t.equal(page?.spec.strategy?.type, 'Recreate');
  const text = readFileSync(join(deploy, 'recreate/routes/2-recreate.yaml'), 'utf8');
  const hold = Number(/hold: (\d+)s/.exec(text)?.[1]);
  const [container] = page === undefined ? [] : running('testpage', page);
  const drain = Number(variables(container ?? ({} as never)).DRAIN_MS) / 1_000;
  // What is left is for the start of a pod.
  t.ok(hold - drain >= 30);
});

test('canary/autoscaling: the last step needs more pods than one, and the autoscaler allows them', {
  skip,
}, async (t) => {
  const text = readFileSync(join(deploy, 'canary/autoscaling/routes/2-canary.yaml'), 'utf8');
  const ready = [...text.matchAll(/ready: (\d+)/g)].map(([, number]) => Number(number));
  t.same(ready, [1, 3]);
  t.equal(ofKind(render('canary/autoscaling'), 'HorizontalPodAutoscaler').length, 2);
});
