import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const root = resolve(import.meta.dirname, '../..');
export const deploy = join(root, 'deploy');

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
/** What tests of rendered manifests are skipped with. */
export const skip = hasKubectl
  ? false
  : 'KUBECTL IS NOT INSTALLED: the manifests were not rendered (apt-get install kubectl, or https://kubernetes.io/docs/tasks/tools)';

/** Those that are whole; overlays/demo is a part of each strategy. */
export const overlays = ['overlays/gateway', 'overlays/sidecar'] as const;

/** The folder of each strategy: those that have rules. */
export const strategies: readonly string[] = globSync('**/routes', { cwd: deploy })
  .map((folder) => dirname(folder))
  .toSorted();

export const allComponents: readonly string[] = globSync('components/*', { cwd: deploy })
  .map((folder) => folder.replace('components/', ''))
  .toSorted();
/** Those that go together: rules come from one place. */
export const components = allComponents.filter((part) => part !== 'httproutes');

const known = new Map<string, readonly Manifest[]>();

/** Returns what `kubectl kustomize` makes of a folder, from `deploy` on; throws where it refuses. */
export function render(folder: string): readonly Manifest[] {
  const path = resolve(deploy, folder);
  const before = known.get(path);
  if (before !== undefined) return before;
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${folder}: ${stderr}`);
  const manifests = manifestsIn(stdout);
  known.set(path, manifests);
  return manifests;
}

/** Returns the objects of a text; empty documents, which templates leave behind, are none. */
export function manifestsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

const rules = [
  'configMapGenerator:',
  '  - { name: turnout-rules, literals: ["routes.yaml=apiVersion: turnout/v1"] }',
  'generatorOptions:',
  '  disableNameSuffixHash: true',
  '  labels: { app.kubernetes.io/name: turnout, app.kubernetes.io/component: gateway }',
];

/** Returns the base with components and a namespace, as somebody's own overlay would be; it is written to `folder`. */
export function renderWith(folder: string, parts: readonly string[]): readonly Manifest[] {
  mkdirSync(folder, { recursive: true });
  const from = relative(folder, deploy);
  const lines = [
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    'namespace: turnout-demo',
    `resources: [${from}/base]`,
    `components: [${parts.map((part) => `${from}/components/${part}`).join(', ')}]`,
    ...(parts.includes('httproutes') ? [] : rules),
  ];
  writeFileSync(join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`);
  return render(folder);
}
