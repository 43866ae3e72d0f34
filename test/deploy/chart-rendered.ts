import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Manifest } from './manifest.ts';
import { deploy, manifestsIn } from './rendered.ts';

export type Values = Readonly<Record<string, unknown>>;

/** A program that renders our chart; throws what it says where it refuses. */
export interface Renderer {
  readonly name: string;
  /** `there`: objects that the cluster has already. */
  readonly render: (values: Values, there?: readonly object[]) => readonly Manifest[];
}

export const chart = join(deploy, 'chart');
/** As the kustomize base has them, so that both can be compared. */
export const release = 'turnout';
export const namespace = 'turnout-demo';

const gopath = '/usr/share/gocode';
const packages = ['github.com/Masterminds/sprig', 'sigs.k8s.io/yaml'];

function hasProgram(program: string, word: string): boolean {
  return spawnSync(program, [word]).status === 0;
}

const hasHelm = hasProgram('helm', 'version');
const hasGo =
  hasProgram('go', 'version') && packages.every((name) => existsSync(join(gopath, 'src', name)));

/** What tests of the chart are skipped with. */
export const skipChart =
  hasHelm || hasGo
    ? false
    : 'NEITHER HELM NOR GO WITH SPRIG IS INSTALLED: the chart was not rendered (apt-get install golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev)';

/** Returns what can render the chart here: Helm, and the renderer in chart-renderer. */
export function renderers(): readonly Renderer[] {
  if (skipChart !== false) return [];
  const made = [];
  if (hasGo) made.push({ name: 'chart-renderer', render: byOurs(built()) });
  if (hasHelm) made.push({ name: 'helm', render: byHelm });
  return made;
}

/** Builds the renderer; about two seconds, half a minute where nothing of it was built before. */
function built(): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const program = join(folder, 'chart-renderer');
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: join(import.meta.dirname, 'chart-renderer'),
    env: { ...process.env, GO111MODULE: 'off', GOPATH: gopath, GOFLAGS: '' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return program;
}

function byOurs(program: string): Renderer['render'] {
  return (values, there = []) =>
    inFolder((folder) => {
      const [given, objects] = [join(folder, 'values.yaml'), join(folder, 'there.yaml')];
      writeFileSync(given, stringify(values));
      writeFileSync(objects, JSON.stringify(there));
      return [program, chart, release, namespace, given, '--there', objects];
    });
}

/** Helm without a cluster sees no objects that are there. */
function byHelm(values: Values): readonly Manifest[] {
  return inFolder((folder) => {
    const given = join(folder, 'values.yaml');
    writeFileSync(given, stringify(values));
    return ['helm', 'template', release, chart, '--namespace', namespace, '--values', given];
  });
}

function inFolder(wordsFor: (folder: string) => readonly string[]): readonly Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  try {
    const [program = '', ...words] = wordsFor(folder);
    const { stdout, stderr, status } = spawnSync(program, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return manifestsIn(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
